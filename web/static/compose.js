// Adds to an answer what a language model makes of it: the server sends each sentence as soon as
// it is verified, with the quotations that it cites. Without this script, or when the model fails,
// the answer of quotations stands alone, as it does from the start.

const section = document.querySelector("section.composed");
if (section) compose(section).catch(() => fail(section));

async function compose(section) {
  section.hidden = false;
  say(section, section.dataset.working);
  const response = await fetch("/api/v1/ask/stream", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question()),
  });
  if (!response.ok) throw new Error(response.statusText);
  for await (const { name, data } of events(response.body)) {
    if (name === "statement") {
      section.querySelector("ol").append(statement(data));
    } else if (name === "end") {
      if (data.composed_by !== "model") return fail(section);
      say(section, "");
      section.dataset.state = "done";
      return;
    }
  }
  fail(section);
}

// The question and the filters of this page's address.
function question() {
  const given = new URLSearchParams(location.search);
  const filters = {};
  for (const name of ["publisher", "document", "topic", "country", "mineral", "instrument"]) {
    const values = given.getAll(name).filter(Boolean);
    if (values.length) filters[name] = values;
  }
  for (const name of ["from", "to"]) {
    const value = (given.get(name) ?? "").trim();
    if (value) filters[name] = value;
  }
  return { question: (given.get("q") ?? "").trim(), filters };
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (buffer + value).split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (name) yield { name, data: JSON.parse(data) };
    }
  }
}

// What the server sends is put in as text, never as markup.
function statement({ text, sources }) {
  const item = document.createElement("li");
  const said = document.createElement("p");
  said.textContent = text;
  item.append(said);
  for (const source of sources) {
    const quote = document.createElement("blockquote");
    quote.className = "verbatim";
    quote.textContent = source.quote;
    const link = document.createElement("a");
    link.href = source.url;
    link.textContent = [source.document.title, source.page_label && `p. ${source.page_label}`]
      .filter(Boolean).join(", ");
    const origin = document.createElement("footer");
    origin.append(link);
    quote.append(origin);
    item.append(quote);
  }
  return item;
}

function say(section, words) {
  section.querySelector(".state").textContent = words;
}

function fail(section) {
  // What was shown had been verified, but the answer as a whole does not hold.
  section.querySelector("ol").replaceChildren();
  say(section, section.dataset.failed);
  section.dataset.state = "failed";
}
