// THE SEAM: everything the program may ask of the machine. Types only. Real parts are in adapters/,
// the strict fake for tests is test/support/fake-context.ts. Nothing else touches the machine.
// Over 200 lines because the whole seam stands in one place.

export interface ExecOptions {
  /** Written to the child's standard input, which is then closed. Without it stdin is empty. */
  stdin?: string | Uint8Array;
  /** After this the child gets SIGKILL and `timedOut` is true. Default 30 000. */
  timeoutMs?: number;
  /** The whole environment of the child. Default: ours without BUN_* settings. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** In a session of its own: a Ctrl-C in our terminal is for us alone. A gated child is in any case. */
  isDetached?: boolean;
  gate?: Gate;
}

/**
 * Called with the pid of a child that exists but does not run its program yet, in a session and process group of its
 * own. It runs once this resolves; when this rejects, or we die before, it ends without having run anything.
 */
export type Gate = (pid: number) => Promise<void>;

export interface ExecResult {
  /** null when ended by a signal; 127 when the program was not found. */
  exitCode: number | null;
  /** Such as `SIGKILL`; null when the child exited by itself. */
  signal: string | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** A child that lives on beside us (the builtin supervisor's children), in a session of its own. */
export interface Child {
  readonly pid: number;
  /** Rejects only when the gate did, with the same error. */
  readonly exited: Promise<{ exitCode: number | null; signal: string | null }>;
  kill(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  /** The whole environment of the child. */
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** One call per line of the child's stdout and stderr. Ignored when detached. */
  onLine?: (line: string) => void;
  /** Own session, output appended to this file: the child outlives us. */
  detachedLog?: string;
  /** On our own standard input and output; `stderr`: what it prints goes to our standard error. */
  terminal?: "all" | "stderr";
  gate?: Gate;
}

export interface FileInfo {
  kind: "file" | "directory" | "symlink" | "other";
  /** Permission bits, such as 0o600. */
  mode: number;
  sizeBytes: number;
  /** Epoch milliseconds. */
  modifiedAt: number;
  uid: number;
}

/** An open file. What is done to it concerns the file that was opened, whatever is at its path by now. */
export interface OpenFile extends Disposable {
  /** flock(LOCK_EX | LOCK_NB), held until dispose or our death; `unsupported` where this machine has none to call. */
  flock(): Promise<"taken" | "held" | "unsupported">;
  /** Whether the path names this very file. */
  isAt(path: string): boolean;
  /** Epoch milliseconds. */
  modifiedAt(): number;
  /** Sets the time of its last change to the given one, epoch milliseconds. */
  touch(at: number): void;
  /** Writes at the current position. Throws AppError, as Files does. */
  write(text: string): void;
}

/** The replacement of a file that other programs write too. */
export interface FileSwap {
  /** What it has to hold; undefined: it is not there. */
  expected: string | undefined;
  data: string;
  /** Of a new file; one that is there keeps its own. */
  mode: number;
  /** On the disk before it is in place. */
  isSynced: boolean;
}

/** What stood in the place of a file that was swapped. Dispose removes it. */
export interface SwappedFile extends Disposable {
  /** Read anew at each call, for whoever had it open may still be writing into it; undefined: nothing stood there. */
  text(): string | undefined;
  /** Whether somebody has it open for writing; once false, its text is the last one. undefined: that cannot be told. */
  hasWriter(): boolean | undefined;
}

export interface Files {
  /** Contents as UTF-8 text; undefined when the file is not there. Other faults throw AppError. */
  readText(path: string): Promise<string | undefined>;
  readBytes(path: string): Promise<Uint8Array | undefined>;
  /**
   * Atomic: temp file in the same folder, created with `mode`, fsync, rename, fsync of the folder. Missing folders are
   * made 0700. `isDerived`: without the fsyncs, for a file whose reader makes it anew when a power cut left it empty.
   */
  write(
    path: string,
    data: string | Uint8Array,
    mode: number,
    options?: { isDerived?: boolean },
  ): Promise<void>;
  /** Atomic too, through a link. undefined when the file is not as expected: then nothing was changed. */
  swap(path: string, swap: FileSwap): Promise<SwappedFile | undefined>;
  append(path: string, text: string, mode: number): Promise<void>;
  makeDir(path: string, mode: number): Promise<void>;
  /** Removes a file or a whole folder; not there is success. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Where it is behind every symlink on the way; undefined when it is not there. */
  realPath(path: string): Promise<string | undefined>;
  /** What a symlink says; undefined when there is none. */
  readLink(path: string): Promise<string | undefined>;
  /** Makes or replaces a symlink at once: at every moment the path leads to the old target or to the new one. */
  writeLink(path: string, target: string): Promise<void>;
  /** `new`: creates it, 0600, and is undefined when it is there (O_EXCL). `existing`: undefined when it is not there. */
  open(path: string, how: "new" | "existing"): Promise<OpenFile | undefined>;
  /** Names in a folder, sorted; empty when it is not there. */
  list(path: string): Promise<string[]>;
  /** Follows no symlink; undefined when it is not there. */
  stat(path: string): Promise<FileInfo | undefined>;
  isExecutable(path: string): Promise<boolean>;
  /** Whether this machine has a flock(2) that we can call. */
  canFlock(): Promise<boolean>;
  /** flock(LOCK_EX | LOCK_NB): undefined when another process holds it. Released by dispose or by our death. */
  tryLock(path: string): Promise<Disposable | undefined>;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment; whoever sets the clock does not move it, and it stands still in a suspend. */
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Absolute folders and files, resolved once from the environment (DESIGN section 8). */
export interface Paths {
  home: string;
  /** `$MOSAIC_HOME`, else `$XDG_CONFIG_HOME/mosaic`, else `~/.config/mosaic`. */
  config: string;
  /** `$MOSAIC_STATE`, else below a MOSAIC_HOME of its own, else `$XDG_STATE_HOME/mosaic` (`~/.local/state/mosaic`). */
  state: string;
  /** `$XDG_DATA_HOME/mosaic`, else `~/.local/share/mosaic`. */
  data: string;
  /** `$XDG_RUNTIME_DIR/mosaic`, else the state folder. */
  runtime: string;
  /** `$XDG_CONFIG_HOME/systemd/user`, else `~/.config/systemd/user`. */
  systemdUser: string;
  /** Absolute path of this executable (in development: a wrapper is not made; it is bun itself). */
  executable: string;
  /** argv prefix that runs mosaic again: `[executable]`, in development `[bun, src/main.ts]`. */
  self: readonly string[];
}

/** What a program that owns the whole terminal hears. */
export interface RawTerminalHandlers {
  /** Bytes as they were read, cut anywhere. */
  onData(chunk: Uint8Array): void;
  onResize(): void;
  /** The terminal went away. */
  onEnd(): void;
}

/** Standard input in raw mode; dispose restores it. Output goes through Io.out. */
export interface RawTerminal extends Disposable {
  size(): { columns: number; rows: number };
}

export interface Io {
  /** Data for the user or a script. */
  out(text: string): void;
  /** Everything else: progress, results that are not data, warnings. */
  err(text: string): void;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Width of the terminal in columns; 80 when there is none. */
  readonly columns: number;
  /** Colour is allowed on stdout: a TTY, no NO_COLOR, TERM is not dumb. */
  readonly color: boolean;
  /** Replaces the progress line on a TTY; nothing elsewhere. An empty text removes it. */
  progress(text: string): void;
  /** As UTF-8 text; what is none is replaced by U+FFFD. */
  readStdin(): Promise<string>;
  readStdinBytes(): Promise<Uint8Array>;
  /** A yes/no question; only with `stdinIsTty`. */
  confirm(question: string): Promise<boolean>;
  /** No echo, no line editing, no signals from keys; only with `stdinIsTty`. */
  rawTerminal(handlers: RawTerminalHandlers): RawTerminal;
}

/** One of the answers to a question. */
export interface Choice {
  value: string;
  label: string;
  hint?: string | undefined;
}

/** Questions to a person; only with `stdinIsTty` and `stderrIsTty`. A person who gives up answers undefined. */
export interface Prompts {
  begin(title: string): Promise<void>;
  note(title: string, lines: readonly string[]): void;
  end(text: string): void;
  chooseOne(question: {
    message: string;
    choices: readonly Choice[];
    initial: string;
  }): Promise<string | undefined>;
  /** An empty answer passes unchecked: it is the way back. `fault`: what is wrong with a text; undefined when nothing is. */
  askText(question: {
    message: string;
    initial: string;
    /** Shown as a mask while it is typed. */
    isSecret: boolean;
    fault: (text: string) => string | undefined;
  }): Promise<string | undefined>;
  /** At least one. */
  chooseSeveral(question: {
    message: string;
    choices: readonly Choice[];
    initial: readonly string[];
  }): Promise<string[] | undefined>;
}

/** One process of /proc. */
export interface ProcessInfo {
  pid: number;
  parentPid: number;
  groupId: number;
  sessionId: number;
  /** State letter of proc(5): R S D Z T … */
  state: string;
  /** Clock ticks since boot; with the pid it names a process for good. */
  startTicks: number;
  comm: string;
}

/** What names one process of one machine for good. The texts are empty, and the ticks 0, where this system tells none. */
export interface ProcessIdentity {
  pid: number;
  startTicks: number;
  /** Another one after each boot (random(4)). */
  bootId: string;
  /** A pid means something only within one (pid_namespaces(7)). */
  pidNamespace: string;
}

export interface Processes {
  self(): Promise<ProcessIdentity>;
  /** Every process of the machine that we may see. */
  list(): Promise<ProcessInfo[]>;
  one(pid: number): Promise<ProcessInfo | undefined>;
  /** argv of a process; empty when it is gone, a zombie, or not ours to read. */
  argv(pid: number): Promise<string[]>;
  /** One variable of the environment that a process was started with; undefined as argv is empty. */
  variable(pid: number, name: string): Promise<string | undefined>;
  /** Whether it is our user's and has this very file open; a file of the same path elsewhere is another one. */
  holdsFile(pid: number, path: string): Promise<boolean>;
  /** false when the process is gone; throws AppError when we may not signal it. */
  signal(pid: number, signal: NodeJS.Signals): boolean;
  /** The same for every process of a group; false when there is none. */
  signalGroup(groupId: number, signal: NodeJS.Signals): boolean;
  /** Whether a process of this group is there, dead ones that wait for their parent included; one call, no look at all. */
  hasGroup(groupId: number): boolean;
  /**
   * Takes a dead child that we did not start (as pid 1 we inherit every orphan) off the process table; false when
   * there is none of this pid. Never for a child of `exec` or `spawn`: its exit status would be lost.
   */
  reap(pid: number): Promise<boolean>;
}

/** The framework folder shipped inside the binary; paths are relative to it, with `/`. */
export interface Assets {
  list(): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
}

export interface HttpRequest {
  method: "GET" | "POST";
  path: string;
  body?: unknown;
  timeoutMs?: number;
}

export interface Sockets {
  /** JSON over HTTP on a unix socket; undefined when nobody listens. */
  request(
    socket: string,
    request: HttpRequest,
  ): Promise<{ status: number; body: unknown } | undefined>;
  /** Serves JSON; the handler's answer is the body. The socket is unlinked first: hold a lock. */
  serve(
    socket: string,
    handler: (request: HttpRequest) => Promise<{ status: number; body: unknown }>,
  ): Promise<{ close(): Promise<void> }>;
}

/**
 * The body at an http(s) address; undefined when the server says that it is not there. Throws AppError for all else.
 * `onProgress`: bytes so far and, where the server told it, in all (else 0).
 */
export type Downloads = (
  url: string,
  options?: { onProgress?: (received: number, expected: number) => void },
) => Promise<Uint8Array | undefined>;

/** What SQLite can hold. */
export type SqlValue = string | number | null;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * An open SQLite file, in WAL mode. Synchronous: a statement takes microseconds, and one that meets another process's
 * write waits for it, 5 s at most. Throws AppError: exit 75 when it is locked for longer, else with what helps when the
 * file is damaged, no database, or the disk is full.
 */
export interface Database extends Disposable {
  /** Names the file that was opened. Every call throws AppError, exit 75, once its path names another one or none. */
  readonly file: string;
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[];
  /** How many rows were changed. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** Several statements, without values. */
  script(sql: string): void;
  /** All or nothing. Takes the write lock at once (BEGIN IMMEDIATE), so what was read in it holds until its end. */
  transaction<T>(work: () => T): T;
}

/** What can be asked of a database, on SQLite and on PostgreSQL alike. Each value stands for a `?` of the text. */
export interface SqlWork {
  all(sql: string, ...values: readonly SqlValue[]): Promise<SqlRow[]>;
  /** How many rows were changed. */
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>;
}

/** A database with many readers and writers. Every call throws AppError, exit 75, while its server cannot be reached. */
export interface SqlServer extends SqlWork, AsyncDisposable {
  readonly engine: "sqlite" | "postgres";
  /** All or nothing: what the work rejects with undoes it. */
  transaction<T>(work: (tx: SqlWork) => Promise<T>): Promise<T>;
}

/** Valkey or Redis, which may go and come back at any time. Nobody waits for it. */
export interface Valkey extends AsyncDisposable {
  /** Whether it answers, and what is published arrives. */
  readonly isUp: boolean;
  /** One command (valkey.io/commands). Throws AppError, exit 75: at once while it is away, after a second when it hangs. */
  send(command: string, ...words: string[]): Promise<unknown>;
  /** Hears what is published while it is up, until the returned function is called. */
  subscribe(channel: string, hear: (text: string) => void): () => void;
  /** Called whenever it comes back: what was published meanwhile was missed. */
  onUp(work: () => void): void;
}

/** What a request came with besides itself. */
export interface HttpPeer {
  /** Of the other end of the connection; a proxy's when there is one. */
  address: string;
  /** The connection may stay silent: for a stream. Without it Bun ends one that is quiet for 30 s. */
  keepOpen(): void;
}

export interface HttpServerOptions {
  hostname: string;
  /** 0: any free one. */
  port: number;
  /** A longer body is answered 413. */
  maxBodyBytes: number;
  fetch(request: Request, peer: HttpPeer): Response | Promise<Response>;
}

export interface HttpServer {
  readonly port: number;
  /** Takes no more connections, waits so long for requests and streams, then cuts them. */
  close(graceMs: number): Promise<void>;
}

export interface HttpAnswer {
  status: number;
  body: string;
}

export interface Context {
  /** Runs a program to its end. Never a shell string. Rejects only for our own bugs. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Runs a program on our terminal (attach); its exit code. */
  runInteractive(argv: readonly string[]): Promise<number>;
  spawn(argv: readonly string[], options: SpawnOptions): Child;
  /** Resolves at SIGINT, SIGTERM, SIGHUP, or one of these others, with its name; a later call waits for the next one. */
  untilSignal(others?: readonly NodeJS.Signals[]): Promise<NodeJS.Signals>;
  files: Files;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  paths: Paths;
  io: Io;
  prompts: Prompts;
  processes: Processes;
  /**
   * `create`: makes the file, 0600, and its folder, 0700; without it undefined when the file is not there. `patienceMs`:
   * how long the opening and each statement wait for another process's write; 5 s without it.
   */
  openDatabase(
    path: string,
    how: { create: boolean; patienceMs?: number | undefined },
  ): Promise<Database | undefined>;
  /** Moves a database and what SQLite keeps beside it to a new name, which it gives; overwrites nothing. */
  setDatabaseAside(path: string): Promise<string>;
  /** The same file for many callers at once; `create` as above is understood. */
  openSqlServer(path: string): Promise<SqlServer>;
  /** Connects at the first statement, and again whenever the connection was lost. */
  connectPostgres(url: string): Promise<SqlServer>;
  /** Resolves after the first try, whatever came of it; it is tried again until dispose. */
  connectValkey(url: string): Promise<Valkey>;
  /** Throws AppError, exit 75, when the address is taken. */
  serveHttp(options: HttpServerOptions): HttpServer;
  /** Sends no credentials; undefined when nobody answers in time. */
  httpGet(url: string, options: { timeoutMs: number }): Promise<HttpAnswer | undefined>;
  /** Takes variables out of our own environment, so that no child gets them. */
  forgetEnv(names: readonly string[]): void;
  assets: Assets;
  sockets: Sockets;
  download: Downloads;
  /** What the release that this program is of has baked in (release.ts). */
  release: { target: string; keys: readonly string[] };
  host: { name: string; uid: number; pid: number; version: string; commit: string };
  /** Hex digits from a cryptographic source. */
  randomHex(digits: number): string;
}
