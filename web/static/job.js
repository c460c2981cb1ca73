// Brings the page of a job up to date until the job is over, without loading it anew: who reads
// or hears it keeps their place. Without this script the page loads itself.

const EVERY = 1000; // milliseconds

const load = () => new Promise((done, failed) => {
  const request = new XMLHttpRequest(); // parses a page where a text must not become one
  request.open("GET", location.href);
  request.responseType = "document";
  request.onload = () => (request.response?.querySelector(".job") ? done(request.response) : failed());
  request.onerror = failed;
  request.send();
});

const job = document.querySelector(".job");
while (job?.matches(".waiting, .running")) {
  await new Promise((done) => setTimeout(done, EVERY));
  const now = await load().then((page) => page.querySelector(".job"), () => null);
  if (!now) continue;
  job.className = now.className;
  for (const part of job.querySelectorAll("[data-part]")) {
    const fresh = now.querySelector(`[data-part="${part.dataset.part}"]`);
    // What stays as it is, is not said again.
    if (part.textContent !== fresh.textContent) part.replaceChildren(...fresh.childNodes);
  }
}
