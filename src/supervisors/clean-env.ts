// The environment of the tmux server, the scripts and so of every agent: an allow-list, because whatever is exported
// in the shell that happens to run `fleet start` would otherwise live on in every pane. Pure.

const allowed = new Set([
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PATH",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TERM",
  "DBUS_SESSION_BUS_ADDRESS",
  "TMUX_TMPDIR",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
]);

const allowedPattern = /^(LC_|XDG_)[A-Z_]+$|^(http|https|no)_proxy$/;

/** What of an environment the fleet may see, and where its home is (our folders). */
export function cleanEnv(
  env: Readonly<Record<string, string | undefined>>,
  { config, state }: { config: string; state: string },
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isAllowed(name)) kept[name] = value;
  }
  return { ...kept, MOSAIC_HOME: config, MOSAIC_STATE: state };
}

/** Proxy variables are read in either case, depending on the program. */
function isAllowed(name: string): boolean {
  return allowed.has(name) || allowedPattern.test(name) || allowedPattern.test(name.toLowerCase());
}
