/**
 * All the script the console has. The page works without it, except for links into the console,
 * whose target stands behind the `#` and so never reaches a server.
 */
export const CONSOLE_SCRIPT = `"use strict";
(() => {
  const region = new URLSearchParams(location.search).get("region") || "";
  const pages = {
    "/stacks/create/review": "review",
    "/stacks/quickcreate": "review",
    "/stacks/stackinfo": "stack",
    "/stacks/events": "stack",
    "/stacks/update/template": "update",
  };
  if (document.getElementById("fragment")) {
    const [path, query = ""] = location.hash.slice(1).split(/\\?(.*)/s);
    const page = pages[path.replace(/\\/$/, "")] || "stacks";
    location.replace("/cloudformation/" + page + "?region=" + encodeURIComponent(region) + (query ? "&" + query : ""));
  }
  const live = document.getElementById("live");
  if (live && live.dataset.stream) {
    const stream = new EventSource(live.dataset.stream);
    live.setAttribute("aria-busy", "true");
    stream.addEventListener("stack", (message) => {
      live.innerHTML = JSON.parse(message.data);
    });
    stream.addEventListener("rest", () => {
      stream.close();
      live.setAttribute("aria-busy", "false");
    });
  }
})();
`;
