// Adds to the form for documents: several files at once, progress as the index is brought up to
// them, and a key that is typed once in a tab. Without this script the form is sent as it is and
// the page of the job loads itself until it is over.

const form = document.querySelector(".adding form");
if (form) {
  const key = form.elements.key;
  const file = form.elements.file;
  file.multiple = true;
  key.value = sessionStorage.getItem("kido-key") ?? "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const again = event.submitter?.getAttribute("formaction");
    if (!key.reportValidity() || (!again && !file.files.length)) return file.focus();
    run(again ? [] : [...file.files]).catch((error) => fail(error.message));
  });
}

async function run(files) {
  // A button that is disabled loses the focus: it goes to where what happens is said.
  panel().hidden = false;
  panel().tabIndex = -1;
  panel().focus();
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  try {
    // Files that come while a job waits share it: each job is followed once.
    const jobs = new Map();
    list().replaceChildren();
    for (const one of files) {
      say(words().sending.replace("{name}", one.name));
      const query = new URLSearchParams({ name: one.name, replace: form.elements.replace.checked });
      const { job } = await call(`/api/v1/documents?${query}`, {
        method: "POST", body: one, headers: { "Content-Type": "application/octet-stream" },
      });
      jobs.set(job.id, job);
    }
    if (!files.length) jobs.set("", await call("/api/v1/reindex", { method: "POST" }));
    sessionStorage.setItem("kido-key", form.elements.key.value);
    for (const job of jobs.values()) await follow(job);
    form.elements.file.value = "";
  } finally {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
}

async function send(path, options = {}) {
  const headers = { ...options.headers, Authorization: `Bearer ${form.elements.key.value.trim()}` };
  const response = await fetch(path, { ...options, headers });
  if (response.ok) return response;
  if (response.status === 401) sessionStorage.removeItem("kido-key");
  const problem = await response.json();
  throw new Error(problem.detail ?? response.statusText);
}

async function call(path, options) {
  return (await send(path, options)).json();
}

async function follow(job) {
  show(job);
  const response = await send(`${job.url}/events`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (buffer + value).split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) {
      const [, data] = /^event: job\ndata: (.*)$/.exec(block) ?? [];
      if (data) show(JSON.parse(data));
    }
  }
}

function show(job) {
  const bar = panel().querySelector("progress");
  bar.hidden = job.state !== "running" && job.state !== "waiting";
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else {
    bar.removeAttribute("value");
  }
  if (job.state === "finished") return finish(job.report);
  if (job.state !== "waiting" && job.state !== "running") return fail(job.error ?? "");
  const reading = words().reading.replace("{done}", job.done).replace("{total}", job.total);
  say(job.total ? `${reading} ${job.file}` : words().waiting);
}

// Names of files come from others: they are put in as text, never as markup.
function finish(report) {
  say(words().finished);
  for (const what of ["added", "updated", "removed"]) {
    for (const path of report[what]) item(`${words()[what]}: ${path}`);
  }
  for (const one of report.rejected) item(`${words().rejected}: ${one.path} (${one.message})`);
  panel().querySelector(".reload").hidden = false;
}

function fail(message) {
  panel().querySelector("progress").hidden = true;
  say(`${words().failed}: ${message}`);
}

// What several jobs say alike is said once.
function item(text) {
  if ([...list().children].some((line) => line.textContent === text)) return;
  const line = document.createElement("li");
  line.textContent = text;
  list().append(line);
}

function say(text) {
  panel().hidden = false;
  panel().querySelector(".state").textContent = text;
}

function panel() {
  return document.querySelector(".adding .progress");
}

function list() {
  return panel().querySelector("ul");
}

function words() {
  return panel().dataset;
}
