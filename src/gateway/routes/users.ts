// Accounts, for admins; and one's own password.
import * as v from "valibot";
import { passwordFaults } from "../../domain/password.ts";
import { type Role, roles, scopesOf } from "../../domain/roles.ts";
import { email, personName } from "../../domain/settings-values.ts";
import { note } from "../audit-call.ts";
import type { Principal } from "../auth/principal.ts";
import type { Gateway } from "../gateway.ts";
import { loginLimits, mustTake } from "../guards/rate-limit.ts";
import { Problem } from "../problem.ts";
import { endSessions } from "../store/sessions.ts";
import {
  addUser,
  changeUser,
  findCredentials,
  findUser,
  listUsers,
  type User,
  type UserChange,
} from "../store/users.ts";
import { route } from "./route.ts";

const userSchema = v.strictObject({
  id: v.string(),
  email: v.string(),
  name: v.string(),
  role: v.picklist(roles),
  disabled: v.boolean(),
  createdAt: v.string(),
});

const passwordText = v.pipe(v.string(), v.maxLength(1024));

export const userRoutes = [
  route({
    method: "GET",
    path: "/api/v1/users",
    summary: "all accounts",
    access: "users:write",
    answer: { status: 200, schema: v.strictObject({ users: v.array(userSchema) }) },
    async handle({ gateway }) {
      return { status: 200, body: { users: (await listUsers(gateway.sql)).map(userJson) } };
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/users",
    summary: "add an account",
    access: "users:write",
    body: v.strictObject({
      email,
      name: personName,
      role: v.picklist(roles),
      password: passwordText,
    }),
    answer: { status: 201, schema: userSchema },
    async handle({ gateway, body, client }, principal) {
      const { ctx, sql, passwords } = gateway;
      mustCover(principal, body.role);
      const address = body.email.toLowerCase();
      checkPassword(body.password, address);
      const at = ctx.clock.now();
      const id = ctx.randomHex(16);
      const password = await passwords.hash(body.password);
      const { name, role } = body;
      const isNew = await addUser(sql, { id, email: address, name, role, password, at });
      const told = { principal, action: "user.create", target: address, address: client.address };
      await note(gateway, { ...told, outcome: isNew ? role : "exists" });
      if (!isNew) throw new Problem("conflict", "there is an account of this e-mail address");
      const user = { id, email: address, name, role, isDisabled: false, createdAt: at };
      return { status: 201, body: userJson(user) };
    },
  }),
  route({
    method: "PATCH",
    path: "/api/v1/users/{id}",
    summary:
      "change an account; a new role or password ends its sessions, a new password its tokens too",
    access: "users:write",
    body: v.strictObject({
      name: v.optional(personName),
      role: v.optional(v.picklist(roles)),
      disabled: v.optional(v.boolean()),
      password: v.optional(passwordText),
    }),
    answer: { status: 200, schema: userSchema },
    async handle({ gateway, params: { id = "" }, body, client }, principal) {
      const { ctx, sql, passwords } = gateway;
      const before = await mustFind(gateway, id);
      const opens = body.password !== undefined || body.disabled === false;
      if (opens || body.role !== undefined) mustCover(principal, before.role);
      if (body.role !== undefined) mustCover(principal, body.role);
      if (body.password !== undefined) checkPassword(body.password, before.email);
      const change: UserChange = { id, at: ctx.clock.now() };
      if (body.name !== undefined) change.name = body.name;
      if (body.role !== undefined) change.role = body.role;
      if (body.disabled !== undefined) change.isDisabled = body.disabled;
      if (body.password !== undefined) change.password = await passwords.hash(body.password);
      const outcome = await changeUser(sql, change);
      const told = {
        principal,
        action: "user.change",
        target: before.email,
        address: client.address,
      };
      await note(gateway, { ...told, outcome: `${outcome}: ${Object.keys(body).join(" ")}` });
      if (outcome === "last admin") {
        throw new Problem("conflict", "nobody could administer the gateway any more");
      }
      gateway.streams.endOf({ userId: id });
      return { status: 200, body: userJson(await mustFind(gateway, id)) };
    },
  }),
  route({
    method: "DELETE",
    path: "/api/v1/users/{id}/sessions",
    summary: "end all sessions of an account",
    access: "users:write",
    answer: { status: 204 },
    async handle({ gateway, params: { id = "" }, client }, principal) {
      const { email: target } = await mustFind(gateway, id);
      const count = await endSessions(gateway.sql, { userId: id });
      gateway.streams.endOf({ userId: id });
      const outcome = `${count} ended`;
      await note(gateway, {
        principal,
        action: "user.logout",
        target,
        outcome,
        address: client.address,
      });
      return { status: 204 };
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/me/password",
    summary: "change one's own password; it ends all sessions and tokens of the account",
    access: "anyone",
    body: v.strictObject({ current: passwordText, password: passwordText }),
    answer: { status: 204 },
    async handle({ gateway, body, client }, principal) {
      const { ctx, sql, passwords, limiter } = gateway;
      if (principal.via !== "session") {
        throw new Problem("forbidden", "a token changes no password: log in");
      }
      await mustTake(limiter, loginLimits.account, principal.userId);
      const known = await findCredentials(sql, principal.email);
      if (!(await passwords.verify(body.current, known?.password))) {
        throw new Problem("forbidden", "the current password is wrong");
      }
      checkPassword(body.password, principal.email);
      const password = await passwords.hash(body.password);
      await changeUser(sql, { id: principal.userId, password, at: ctx.clock.now() });
      gateway.streams.endOf({ userId: principal.userId });
      const told = { principal, action: "user.password", target: principal.email };
      await note(gateway, { ...told, outcome: "ok", address: client.address });
      return { status: 204 };
    },
  }),
];

async function mustFind({ sql }: Gateway, id: string): Promise<User> {
  const user = await findUser(sql, { id });
  if (user === undefined) throw new Problem("not-found", "there is no account of this id");
  return user;
}

/**
 * Throws Problem unless one may oneself do all that the role may: with a token for accounts alone, one could else make an
 * account that may do everything, or take over one that does.
 */
function mustCover({ scopes }: Principal, role: Role): void {
  const beyond = scopesOf(role).find((scope) => !scopes.has(scope));
  if (beyond === undefined) return;
  throw new Problem("forbidden", `the role ${role} may do ${beyond}, which you may not give away`);
}

function checkPassword(password: string, of: string): void {
  const [fault] = passwordFaults(password, { email: of });
  if (fault !== undefined) throw new Problem("invalid-request", `password: ${fault}`);
}

function userJson({ isDisabled: disabled, createdAt, ...rest }: User) {
  return { ...rest, disabled, createdAt: new Date(createdAt).toISOString() };
}
