// Which sessions are ours, and which pane of each is the agent's.
import { describe, expect, test } from "bun:test";
import type { PaneFacts } from "../../src/domain/agent-state.ts";
import {
  agentSessions,
  foreignSessions,
  type ListedPane,
  ownPanes,
} from "../../src/domain/sessions.ts";

function pane(session: string, agent = session): PaneFacts {
  const ids = { instance: "i", paneId: "%1", panePid: 10 };
  return { session, agent, ...ids, isDead: false, isAttached: false, createdAt: 0 };
}

const panes = [pane("_holder", ""), pane("one"), pane("theirs", ""), pane("renamed", "two")];

test("on our server the holder and the agents' sessions are ours, and nothing else", () => {
  const sessions = { owner: "ours", panes } as const;
  expect(foreignSessions(sessions)).toEqual(["theirs", "renamed"]);
  expect(agentSessions(sessions)).toEqual(["one"]);
});

test("on a server of somebody else nothing is ours, another mosaic home's agents included", () => {
  const sessions = { owner: "foreign", panes } as const;
  expect(foreignSessions(sessions)).toEqual(["_holder", "one", "theirs", "renamed"]);
  expect(agentSessions(sessions)).toEqual([]);
});

function listed(paneId: string, agentPane: string): ListedPane {
  return { ...pane("one"), paneId, panePid: Number(paneId.slice(1)), agentPane };
}

describe("the agent's own pane", () => {
  test("is the one that the session was made with, wherever it stands", () => {
    const own = ownPanes([listed("%9", "%5"), listed("%5", "%5"), listed("%7", "%5")]);
    expect(own).toEqual([{ ...pane("one"), paneId: "%5", panePid: 5 }]);
  });

  test("is dead when it is gone and a person's is left", () => {
    const own = ownPanes([listed("%9", "%5")]);
    expect(own).toEqual([{ ...pane("one"), paneId: "%5", panePid: 0, isDead: true }]);
  });

  test("is the first in a session that does not say", () => {
    const own = ownPanes([listed("%9", ""), listed("%5", "")]);
    expect(own).toEqual([{ ...pane("one"), paneId: "%9", panePid: 9 }]);
  });
});
