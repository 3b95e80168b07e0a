// The part of send-message.sh that takes control characters out of a text, against its reference and hostile bytes.
import { expect, test } from "bun:test";
import { assert, asyncProperty, constantFrom, string, uint8Array } from "fast-check";
import { sanitized } from "../support/sanitized.ts";
import { sendMessageScript } from "../support/sender.ts";

const source = await Bun.file(sendMessageScript).text();
const functions = /^bytes\(\) \{.*\}$|^sanitize\(\) \{\n[\s\S]*?^\}$/gm;
const program = `LC_ALL=C; export LC_ALL\n${source.match(functions)?.join("\n")}\nsanitize`;

async function sanitize(input: Uint8Array): Promise<Uint8Array> {
  const child = Bun.spawn(["sh", "-c", program], { stdin: input, stdout: "pipe" });
  return await child.stdout.bytes();
}

/** C0 but tab and newline, and DEL. */
function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f;
}

test("texts come out as documented", async () => {
  const unit = constantFrom(
    ...Array.from("a \t\n\r\u001b\0\u007f\u0008\u0080\u0085\u009b\u009f\u00a0é\u0100–日🎉\u200d"),
    "\r\n",
    "\u001b[201~",
  );
  await assert(
    asyncProperty(string({ unit, maxLength: 40 }), async (text) => {
      const out = new TextDecoder().decode(await sanitize(new TextEncoder().encode(text)));
      // $(…) in the script takes the newlines at the end.
      expect(out.replace(/\n+$/, "")).toBe(sanitized(text));
    }),
    { numRuns: 60 },
  );
});

test("whatever the bytes are, no control is left, also none in a broken encoding", async () => {
  await assert(
    asyncProperty(uint8Array({ maxLength: 60 }), async (input) => {
      const out = await sanitize(input);
      expect([...out].filter(isControl)).toEqual([]);
      const latin = String.fromCharCode(...out);
      expect(latin).not.toMatch(/\xc2[\x80-\x9f]/);
      // Bytes 80 to BF only as the continuation of a character.
      expect(latin).not.toMatch(/(^|[\t\n -~])[\x80-\xbf]/);
      expect(latin).not.toMatch(/[\xc2-\xdf][\x80-\xbf]{2}/);
      expect(latin).not.toMatch(/[\xe0-\xef][\x80-\xbf]{3}/);
      expect(latin).not.toMatch(/[\xf0-\xf4][\x80-\xbf]{4}/);
    }),
    { numRuns: 60 },
  );
});
