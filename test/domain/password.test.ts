import { expect, test } from "bun:test";
import { passwordFaults } from "../../src/domain/password.ts";

const email = "somebody@example.com";

test.each([
  ["1234567"],
  ["password"],
  ["Password1!"],
  ["12345678"],
  ["aaaaaaaa"],
  ["abababab"],
  [email],
  ["SOMEBODY"],
  ["********"],
  ["é".repeat(600)],
])("%p is refused, and not quoted", (password) => {
  const faults = passwordFaults(password, { email });
  expect(faults).toHaveLength(1);
  expect(faults.join()).not.toContain(password);
});

test.each([["securepass123"], ["correct-horse-7"], ["пароль-длинный"], ["🦊🐻🐼🐨🐯🦁🐮🐷"]])(
  "%p will do",
  (password) => {
    expect(passwordFaults(password, { email })).toEqual([]);
  },
);
