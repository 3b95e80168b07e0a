// What hooks answered, and the one answer that Claude Code gets for all of ours. Meanings are those of its documentation:
// exit 0 is success and may come with JSON, exit 2 blocks and its words go to the model, any other is told to the person
// and nothing else. Pure.

export interface HookAnswer {
  id: string;
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Events of which plain output is read by the model. */
const contextEvents = ["SessionStart", "UserPromptSubmit"];

/**
 * One hook's answer is passed on as it is. Of several, one that blocks blocks; JSON is merged so that the stricter word
 * counts; what else failed is told to the person.
 */
export function mergeAnswers(
  answers: readonly HookAnswer[],
  event: string,
): Omit<HookAnswer, "id"> {
  const [only] = answers;
  if (only === undefined) return { exitCode: 0, stdout: "", stderr: "" };
  if (answers.length === 1) return only;
  const blocking = answers.filter(({ exitCode }) => exitCode === 2);
  if (blocking.length > 0) {
    const stderr = blocking.map((one) => ended(one.stderr)).join("");
    return { exitCode: 2, stdout: "", stderr };
  }
  const failed = answers.filter(({ exitCode }) => exitCode !== 0);
  const stderr = failed.map((one) => ended(`${one.id}: ${one.stderr.trim()}`)).join("");
  const spoken = answers.filter(({ exitCode, stdout }) => exitCode === 0 && stdout.trim() !== "");
  if (spoken.length === 0) return { exitCode: failed[0]?.exitCode ?? 0, stdout: "", stderr };
  const stdout = mergeOutputs(spoken, event);
  // Exit 0, or the others' words would be lost; then only JSON can tell the person of a failure.
  if (stderr === "") return { exitCode: 0, stdout, stderr };
  const told = mergeOutputs(
    [{ stdout }, { stdout: `{"systemMessage":${JSON.stringify(stderr.trim())}}` }],
    event,
  );
  return { exitCode: 0, stdout: told, stderr: "" };
}

type Fields = Readonly<Record<string, unknown>>;

function mergeOutputs(spoken: readonly Pick<HookAnswer, "stdout">[], event: string): string {
  const parsed = spoken.map(({ stdout }) => jsonOf(stdout) ?? stdout);
  const objects = parsed.filter((one) => typeof one !== "string");
  const texts = parsed.filter((one) => typeof one === "string");
  if (objects.length === 0) return texts.map(ended).join("");
  // Beside JSON plain text has no meaning but as context.
  const context = contextEvents.includes(event) ? texts : [];
  const asJson = context.map((text): Fields => ({
    hookSpecificOutput: { hookEventName: event, additionalContext: text.trimEnd() },
  }));
  return JSON.stringify([...objects, ...asJson].reduce(mergeFields));
}

/** The stricter of two; texts are joined, unknown fields are the later one's. */
function mergeFields(a: Fields, b: Fields): Fields {
  const merged: Record<string, unknown> = { ...a, ...b };
  if (a["continue"] === false || b["continue"] === false) merged["continue"] = false;
  for (const name of ["decision", "permissionDecision"]) {
    const stricter = strictest(a[name], b[name]);
    if (stricter === undefined) continue;
    merged[name] = stricter;
    // The reason of the one that counts.
    for (const reason of ["reason", "permissionDecisionReason"]) {
      if (stricter === a[name] && reason in a) merged[reason] = a[reason];
    }
  }
  for (const name of ["systemMessage", "additionalContext"]) {
    const texts = [a[name], b[name]].filter((text) => typeof text === "string");
    if (texts.length === 2) merged[name] = texts.join("\n");
  }
  const [inner, other] = [a["hookSpecificOutput"], b["hookSpecificOutput"]];
  if (isFields(inner) && isFields(other)) merged["hookSpecificOutput"] = mergeFields(inner, other);
  return merged;
}

const strictness = ["allow", "approve", "ask", "block", "deny"];

function strictest(a: unknown, b: unknown): unknown {
  if (a === undefined && b === undefined) return undefined;
  return rank(b) > rank(a) ? b : a;
}

function rank(word: unknown): number {
  return typeof word === "string" ? strictness.indexOf(word) : -1;
}

/** An object, as Claude Code takes it for JSON: by its first character. */
function jsonOf(text: string): Fields | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // Plain text that begins with a brace.
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
