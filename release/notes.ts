// The notes of one version, out of CHANGELOG.md. Pure.

/** The section `## VERSION`, else `## Unreleased`; throws when the changelog has neither, or nothing in it. */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const titled = (title: string) =>
    sections.find((section) => section.split(/[\s(]/, 1)[0] === title);
  const section = titled(version) ?? titled("Unreleased");
  const body = section?.slice(section.indexOf("\n") + 1).trim() ?? "";
  if (body === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `# Mosaic ${version}\n\n${body}\n`;
}
