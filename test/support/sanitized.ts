// What send-message.sh makes of a text, as documented; the reference that the tests hold it against.

/** CR LF and CR become LF; C0 but tab and newline, DEL and C1 go; newlines at the end go. */
export function sanitized(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\n\r]|[\u202A-\u202E\u2066-\u2069]/gu, "")
    .replaceAll(/\r\n?/g, "\n")
    .replace(/\n+$/, "");
}
