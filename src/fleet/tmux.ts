// argv of tmux calls and the parsing of their answers. Always our own socket, never the default server,
// `-N`: a client of ours never starts a server by accident; `-u`: the answer is UTF-8 in any locale. Pure.

/** One tmux call with one or more commands, run by the server in order until one fails. */
export function tmuxArgv(socket: string, ...commands: readonly (readonly string[])[]): string[] {
  const joined = commands.flatMap((command, index) => (index === 0 ? command : [";", ...command]));
  return ["tmux", "-u", "-N", "-L", socket, ...joined];
}

/** How tmux says that nobody listens on the socket (3.3a; the second one when the socket file is there). */
export function isNoServer(stderr: string): boolean {
  return /no server running on|error connecting to|server exited|lost server/.test(stderr);
}
