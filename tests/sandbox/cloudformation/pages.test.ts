import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOW, REGION, startHarness, type Harness } from "./harness.ts";
import { sampleTemplate } from "./sample-template.ts";

let sandbox: Harness;
let templateUrl: string;
beforeEach(async () => {
  sandbox = await startHarness();
  sandbox.buckets.create({
    name: "templates",
    accountId: "999999999999",
    region: "us-east-1",
    publicRead: true,
  });
  sandbox.buckets.put({
    bucket: "templates",
    key: "v1/launch.json",
    body: Buffer.from(JSON.stringify(sampleTemplate)),
    contentType: "application/json",
    at: NOW,
  });
  templateUrl = `${sandbox.origin}/templates/v1/launch.json`;
});
afterEach(() => sandbox.close());

function reviewPath(more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ region: REGION, templateURL: templateUrl, ...more });
  return `/cloudformation/review?${query.toString()}`;
}

async function page(path: string): Promise<string> {
  return (await sandbox.fetch(path)).text();
}

async function submit(path: string, fields: Record<string, string>): Promise<Response> {
  return sandbox.fetch(path, {
    method: "POST",
    redirect: "manual",
    headers: { origin: sandbox.origin, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ region: REGION, ...fields }).toString(),
  });
}

function filledForm(more: Record<string, string> = {}): Record<string, string> {
  return {
    templateURL: templateUrl,
    stackName: "demo",
    param_Name: "buyer",
    param_ExternalIds: "x,y",
    param_Size: "dev",
    param_Behaviour: "answer",
    param_FailOn: "",
    param_Identity: "1",
    param_Secret: "sesame",
    capability: "CAPABILITY_IAM",
    ...more,
  };
}

function without(form: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));
}

function field(html: string, name: string): string {
  return (
    new RegExp(`<(input|select)[^>]*name="param_${name}"[^>]*>`).exec(html)?.[0] ??
    new RegExp(`<input[^>]*id="param_${name}"[^>]*>`).exec(html)?.[0] ??
    ""
  );
}

describe("the quick-create page", () => {
  it("fills in what the link says, by the template's groups and labels", async () => {
    const html = await page(reviewPath({ stackName: "my-stack", param_Name: "buyer" }));

    expect(html).toContain("Everything a launch stack uses");
    expect(html).toContain('value="my-stack"');
    expect(field(html, "Name")).toContain('value="buyer"');
    expect(html).toContain("Whom to greet");
    expect(html.indexOf("Registration</legend>")).toBeLessThan(html.indexOf("Size</legend>"));
    expect(html).toContain('<option value="dev" selected="">dev</option>');
    expect(html).toContain("CAPABILITY_IAM");
    expect(html).not.toContain("checked");
  });

  it("ignores NoEcho parameters and unknown ones in the link", async () => {
    const whole = await page(reviewPath({ param_Secret: "stolen", param_Nothing: "unknown" }));
    // The header's account switcher leads back to the same address.
    const html = whole.split("</header>")[1]!;

    expect(html).not.toContain("stolen");
    expect(html).not.toContain("unknown");
    expect(field(html, "Secret")).toContain('type="password"');
  });

  it("escapes whatever a link brings", async () => {
    const html = await page(reviewPath({ param_Name: '"><script>alert(1)</script>' }));

    expect(html).not.toContain("<script>alert");
  });

  it("says what is wrong with a URL that is no template", async () => {
    const html = await page(reviewPath({ templateURL: "https://example.com/template.json" }));

    expect(html).toContain("TemplateURL must be a supported URL");
    expect(html).toContain('role="alert"');
  });

  it("reads the fragment of a console link with its script", async () => {
    const html = await page(`/cloudformation/home?region=${REGION}`);
    const script = await page("/cloudformation/console.js");

    expect(html).toContain('id="fragment"');
    const visited: string[] = [];
    runInNewContext(script, {
      URLSearchParams,
      location: {
        search: `?region=${REGION}`,
        hash: "#/stacks/create/review?templateURL=http%3A%2F%2Fx%2Fy&param_A=1%2B2?3",
        replace: (url: string) => visited.push(url),
      },
      document: { getElementById: (id: string) => (id === "fragment" ? {} : null) },
    });
    expect(visited).toEqual([
      `/cloudformation/review?region=${REGION}&templateURL=http%3A%2F%2Fx%2Fy&param_A=1%2B2?3`,
    ]);
  });

  it("demands the acknowledgement and loses nothing that was typed", async () => {
    const unticked = without(filledForm({ param_Name: "typed by hand" }), "capability");

    const response = await submit("/cloudformation/review", unticked);

    expect(response.status).toBe(400);
    const html = await response.text();
    expect(html).toContain("Requires capabilities : [CAPABILITY_IAM]");
    expect(field(html, "Name")).toContain('value="typed by hand"');
    expect(field(html, "Secret")).toContain('value="sesame"');
  });

  it("shows a parameter's refusal beside its field", async () => {
    const response = await submit("/cloudformation/review", filledForm({ param_Name: "UPPER" }));

    expect(response.status).toBe(400);
    const html = await response.text();
    expect(field(html, "Name")).toContain('aria-invalid="true"');
    expect(html).toContain("must match pattern [a-z&lt;&gt;&amp; ]+");
  });

  it("shows a rule's own words in a region it forbids", async () => {
    const response = await submit("/cloudformation/review", {
      ...filledForm(),
      region: "ap-south-1",
    });

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("This product runs in eu-central-1 and us-east-1 only");
  });

  it("refuses a form that another site sends", async () => {
    const response = await sandbox.fetch("/cloudformation/review", {
      method: "POST",
      headers: {
        origin: "https://evil.example",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ region: REGION, ...filledForm() }).toString(),
    });

    expect(response.status).toBe(403);
  });
});

describe("the stack's page", () => {
  async function created(more: Record<string, string> = {}): Promise<string> {
    const response = await submit("/cloudformation/review", filledForm(more));
    expect(response.status).toBe(303);
    return response.headers.get("location")!;
  }

  it("shows status, events, resources, outputs and masked parameters", async () => {
    const path = await created();
    await sandbox.part.settled();

    const html = await page(path);

    expect(html).toContain("CREATE_COMPLETE");
    expect(html).toContain("hello buyer");
    expect(html).toContain("registration-1");
    expect(html).toContain("****");
    expect(html).not.toContain("sesame");
  });

  it("streams the stack's events until it rests", async () => {
    const path = await created();

    const stream = await sandbox.part.fetch!(
      new Request(
        sandbox.origin + path.replace("/cloudformation/stack?", "/cloudformation/stream?"),
      ),
    );
    const text = await stream!.text();

    expect(stream!.headers.get("content-type")).toContain("text/event-stream");
    expect(text).toContain("CREATE_IN_PROGRESS");
    expect(text).toContain("CREATE_COMPLETE");
    expect(text.trimEnd()).toMatch(/event: rest\ndata:$/);
  });

  it("refreshes itself for a browser without scripts only while something happens", async () => {
    const path = await created();
    expect(await page(path)).toContain('http-equiv="refresh"');

    await sandbox.part.settled();

    expect(await page(path)).not.toContain('http-equiv="refresh"');
  });

  it("updates by parameters and keeps what is not shown", async () => {
    const path = await created();
    await sandbox.part.settled();
    const stackId = new URL(path, sandbox.origin).searchParams.get("stackId")!;
    const html = await page(path.replace("/stack?", "/update?"));
    expect(field(html, "Name")).toContain('value="buyer"');
    expect(html).not.toContain("sesame");

    const form = without(filledForm({ param_Name: "second" }), "templateURL", "stackName");
    const response = await submit("/cloudformation/update", { ...form, stackId, param_Secret: "" });

    expect(response.status).toBe(303);
    await sandbox.part.settled();
    const after = await page(path);
    expect(after).toContain("UPDATE_COMPLETE");
    expect(after).toContain("hello second");
    const saved = JSON.stringify(sandbox.part.snapshot());
    expect(saved).toContain('"Secret":"sesame"');
  });

  it("says so when an update would change nothing", async () => {
    const path = await created();
    await sandbox.part.settled();
    const stackId = new URL(path, sandbox.origin).searchParams.get("stackId")!;

    const response = await submit("/cloudformation/update", { ...filledForm(), stackId });

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("No updates are to be performed.");
  });

  it("deletes after asking", async () => {
    const path = await created();
    await sandbox.part.settled();
    const stackId = new URL(path, sandbox.origin).searchParams.get("stackId")!;
    const asked = await page(path.replace("/stack?", "/delete?"));
    expect(asked).toContain("The template keeps these: Key");

    const response = await submit("/cloudformation/delete", { stackId });

    expect(response.status).toBe(303);
    await sandbox.part.settled();
    expect(await page(path)).toContain("DELETE_COMPLETE");
    expect(await page(`/cloudformation/stacks?region=${REGION}`)).toContain("Deleted (1)");
  });

  it("is another account's secret", async () => {
    const path = await created();

    const response = await sandbox.fetch(path, {
      headers: { cookie: "sandbox-account=444455556666" },
    });

    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain("registration-1");
  });

  it("creates in the account that is signed in", async () => {
    const response = await sandbox.fetch("/cloudformation/review", {
      method: "POST",
      redirect: "manual",
      headers: {
        origin: sandbox.origin,
        cookie: "sandbox-account=444455556666",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ region: REGION, ...filledForm() }).toString(),
    });

    expect(decodeURIComponent(response.headers.get("location")!)).toContain(":444455556666:stack/");
  });
});
