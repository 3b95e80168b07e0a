// What a person or a token may do at the gateway: roles, and the scopes that they hold. Pure.

export const roles = ["viewer", "operator", "admin"] as const;

export type Role = (typeof roles)[number];

/** Every scope, with what it opens. */
export const scopes = {
  "agents:read": "see agents and their screens",
  "agents:write": "start, stop, restart and reset agents",
  "messages:read": "see messages and their receipts",
  "messages:send": "send messages to agents",
  "tokens:write": "make tokens of one's own and end them",
  "users:write": "see, add, change and disable accounts, and end their sessions and tokens",
  "audit:read": "see who did what",
  "metrics:read": "see the gateway's counters",
} as const;

export type Scope = keyof typeof scopes;

const viewer: readonly Scope[] = ["agents:read", "messages:read", "tokens:write"];
const operator: readonly Scope[] = [...viewer, "agents:write", "messages:send", "metrics:read"];

const ofRole: Record<Role, readonly Scope[]> = {
  viewer,
  operator,
  admin: [...operator, "users:write", "audit:read"],
};

/** All that the role may do. */
export function scopesOf(role: Role): readonly Scope[] {
  return ofRole[role];
}

/** What a token may do now: what it was made for, as far as its owner's role still goes. */
export function scopesOfToken(role: Role, wanted: string): Scope[] {
  const words = wanted.split(" ");
  return ofRole[role].filter((scope) => words.includes(scope));
}

/** undefined for a text of a database or a user that is no role. */
export function parseRole(text: string): Role | undefined {
  return roles.find((role) => role === text);
}

/** undefined when it is no scope. */
export function parseScope(text: string): Scope | undefined {
  return Object.keys(scopes).find((scope): scope is Scope => scope === text);
}
