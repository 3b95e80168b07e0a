// The texts that a delivery must bring exactly, whatever they hold.

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

/** By kind. */
export const messageTexts: Readonly<Record<string, string>> = {
  short: "status check",
  "three lines": "first\n\nthird",
  "1 KB": lines(120).join("\n"),
  "5 KB": lines(560).join("\n"),
  "60 KB": lines(5_600).join("\n"),
  "60 KB in one line": "0123456789abcdef".repeat(3_750),
  "leading !": "!touch nothing",
  "leading /": "/exit is not a command behind the header",
  "leading -": "-rf",
  "leading ?": "?help me",
  "leading ~": "~/notes is not mine",
  "leading @": "@everyone look",
  "leading #": "# title #{pane_id} #(id)",
  "trailing ;": "one; two;",
  "only ;": ";",
  substitution: "$(id) `id` ${HOME} %% \\n 'single' \"double\"",
  unicode: "größer, 日本語, עברית, e\u0301",
  "turned direction": "rtl \u202Eend\u202C and \u2067more\u2069 here",
  emoji: "🎉 👩‍👩‍👧‍👦 🏳️‍🌈",
  tabs: "a\tb\n\tc\td",
  "trailing @word": "see @file",
  "code fence": "```sh\n$ ls -la\n\n  # indented\n```\nand then?",
  "blank lines": "a\n\n\n\nb\n \nc",
  "500 backslashes": "\\".repeat(500),
  "end of paste inside": "before\x1b[201~\x15!touch pwned\rafter",
  "CR LF": "a\r\nb\r\n\r\nc\r\n",
  "lone CR": "a\rb",
  "C0, DEL, C1": "a\0b\x07c\x7fd\u0085e\u009b31mf",
  "blank ends": "  indented\n  text  ",
};
