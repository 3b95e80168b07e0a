// Which files hold keys and passwords, by their names: what the secrets guard refuses to have written. Pure.

/** Names that are examples by convention, and meant to be written. */
const examples = /[._-](example|sample|template|dist|defaults)$/;

const names =
  /^(\.env(\..+)?|.+\.env|\.envrc|\.netrc|\.pgpass|\.my\.cnf|\.npmrc|\.pypirc|\.git-credentials|credentials(\.(json|toml|ya?ml))?|\.credentials\.json|secrets?\.(json|toml|ya?ml|env)|id_(rsa|dsa|ecdsa|ed25519)(_sk)?|.+\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk)|htpasswd|\.htpasswd|auth\.json|master\.key)$/;

const folders = /(^|\/)(\.ssh|\.gnupg|\.aws|\.kube|\.docker|\.azure|gcloud|secrets)\//;

/** Public by nature, wherever they are. */
const open = /(\.pub|\/known_hosts|\/authorized_keys\.d\/.*|\/secrets\/README(\.md)?)$/;

/** Whether a path names such a file; relative ones are read from `folder`. */
export function isSecretFile(path: string, folder: string): boolean {
  const whole = normal(path.startsWith("/") ? path : `${folder}/${path}`).toLowerCase();
  if (open.test(whole)) return false;
  const name = whole.slice(whole.lastIndexOf("/") + 1);
  if (examples.test(name)) return false;
  return names.test(name) || folders.test(whole);
}

/** Without `.`, `..` and doubled slashes. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
