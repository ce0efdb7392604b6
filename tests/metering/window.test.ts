import { describe, expect, it } from "vitest";
import { closesAt, isOpen, slotAt } from "../../metering/domain/window.ts";
import { at } from "./fixtures.ts";

const slot = (
  life: { activatedAt?: string; endingAt?: string; endedAt?: string },
  now: string,
  lastTaken?: string,
) => {
  const found = slotAt(
    {
      activatedAt: at(life.activatedAt ?? "2026-03-10T08:30:00Z"),
      ...(life.endingAt === undefined ? {} : { endingAt: at(life.endingAt) }),
      ...(life.endedAt === undefined ? {} : { endedAt: at(life.endedAt) }),
    },
    lastTaken === undefined ? undefined : at(lastTaken),
    at(now),
  );
  return found && new Date(found.stamp).toISOString().replace(".000Z", "Z");
};

describe("when a record's window closes", () => {
  it.each([
    ["24 hours after the stamp", "2026-03-15T10:00:00Z", "2026-03-16T10:00:00Z"],
    ["at 06:00 on the 1st for March's last hour", "2026-03-31T23:00:00Z", "2026-04-01T06:00:00Z"],
    ["at 06:00 on 1 January for December", "2026-12-31T12:00:00Z", "2027-01-01T06:00:00Z"],
    ["at 06:00 on 1 March for February", "2026-02-28T20:00:00Z", "2026-03-01T06:00:00Z"],
    ["on 1 March after a leap day, too", "2028-02-29T20:00:00Z", "2028-03-01T06:00:00Z"],
    ["after 24 hours when that comes first", "2026-03-31T05:00:00Z", "2026-04-01T05:00:00Z"],
    ["after 24 hours on the 1st itself", "2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"],
  ])("%s", (_, stamp, closes) => {
    expect(new Date(closesAt(at(stamp), undefined)).toISOString()).toBe(
      closes.replace("Z", ".000Z"),
    );
  });

  it("is an hour after the license's end, if that comes first", () => {
    const endedAt = at("2026-03-15T11:20:00Z");

    expect(closesAt(at("2026-03-15T10:00:00Z"), endedAt)).toBe(at("2026-03-15T12:20:00Z"));
    expect(closesAt(at("2026-03-14T12:00:00Z"), endedAt)).toBe(at("2026-03-15T12:00:00Z"));
  });

  it("leaves a margin of two minutes, to the millisecond", () => {
    const stamp = at("2026-03-15T10:00:00Z");

    expect(isOpen(stamp, undefined, at("2026-03-16T09:57:59.999Z"))).toBe(true);
    expect(isOpen(stamp, undefined, at("2026-03-16T09:58:00Z"))).toBe(false);
  });
});

describe("the hour that a record takes", () => {
  it("is none before the activation is known", () => {
    expect(slotAt({}, undefined, at("2026-03-10T12:00:00Z"))).toBeUndefined();
  });

  it("is the last completed one, once", () => {
    expect(slot({}, "2026-03-15T11:59:59.999Z")).toBe("2026-03-15T10:00:00Z");
    expect(slot({}, "2026-03-15T12:00:00Z")).toBe("2026-03-15T11:00:00Z");
    expect(slot({}, "2026-03-15T12:30:00Z", "2026-03-15T11:00:00Z")).toBeUndefined();
  });

  it("never goes back behind an hour that was taken", () => {
    expect(slot({}, "2026-03-15T12:30:00Z", "2026-03-15T20:00:00Z")).toBeUndefined();
  });

  it("starts at or after the activation", () => {
    expect(slot({}, "2026-03-10T09:59:00Z")).toBeUndefined();
    expect(slot({}, "2026-03-10T10:00:00Z")).toBe("2026-03-10T09:00:00Z");
    expect(slot({ activatedAt: "2026-03-10T08:00:00Z" }, "2026-03-10T09:00:00Z")).toBe(
      "2026-03-10T08:00:00Z",
    );
  });
});

describe("around the end of a license", () => {
  const ended = { endedAt: "2026-03-15T11:20:00Z" };

  it("is the last hour before the end first", () => {
    expect(slot(ended, "2026-03-15T11:25:00Z")).toBe("2026-03-15T10:00:00Z");
  });

  it("is the end hour from 30 minutes after the end, for one last reading", () => {
    const taken = "2026-03-15T10:00:00Z";

    expect(slot(ended, "2026-03-15T11:49:59Z", taken)).toBeUndefined();
    expect(slot(ended, "2026-03-15T11:50:00Z", taken)).toBe("2026-03-15T11:00:00Z");
    expect(slot(ended, "2026-03-15T12:17:59Z", taken)).toBe("2026-03-15T11:00:00Z");
    expect(slot(ended, "2026-03-15T12:18:00Z", taken)).toBeUndefined();
  });

  it("is never one after the end, however late it is", () => {
    expect(slot(ended, "2026-03-15T12:10:00Z", "2026-03-15T11:00:00Z")).toBeUndefined();
    expect(slot(ended, "2026-03-15T14:00:00Z")).toBeUndefined();
  });

  it("can end on the hour and still has that instant's hour", () => {
    const sharp = { endedAt: "2026-03-15T11:00:00Z" };

    expect(slot(sharp, "2026-03-15T11:05:00Z")).toBe("2026-03-15T10:00:00Z");
    expect(slot(sharp, "2026-03-15T11:30:00Z", "2026-03-15T10:00:00Z")).toBe(
      "2026-03-15T11:00:00Z",
    );
  });

  it("is stamped inside the first hour when the license ends in it, rounded up to a second", () => {
    const short = { activatedAt: "2026-03-15T11:05:10.250Z", endedAt: "2026-03-15T11:20:00Z" };

    expect(slot(short, "2026-03-15T11:49:00Z")).toBeUndefined();
    expect(slot(short, "2026-03-15T11:50:00Z")).toBe("2026-03-15T11:05:11Z");
    expect(slot(short, "2026-03-15T11:55:00Z", "2026-03-15T11:00:00Z")).toBeUndefined();
  });

  it("is none when the license ends in the second in which it began", () => {
    const blink = { activatedAt: "2026-03-15T11:05:10.250Z", endedAt: "2026-03-15T11:05:10.900Z" };

    expect(slot(blink, "2026-03-15T11:50:00Z")).toBeUndefined();
  });

  it("goes on after Agreement Ended alone: it may be a renewal", () => {
    const renewed = { endingAt: "2026-03-15T11:20:00Z" };

    expect(slot(renewed, "2026-03-15T11:50:00Z", "2026-03-15T10:00:00Z")).toBe(
      "2026-03-15T11:00:00Z",
    );
    expect(slot(renewed, "2026-03-15T13:05:00Z", "2026-03-15T11:00:00Z")).toBe(
      "2026-03-15T12:00:00Z",
    );
    expect(slot(renewed, "2026-03-20T13:05:00Z", "2026-03-20T11:00:00Z")).toBe(
      "2026-03-20T12:00:00Z",
    );
  });
});
