// Adds to the reading view: the outline and the printed page follow the reader, the outline folds
// on narrow screens, and what was found can be gone through.

const folded = document.querySelector(".outline details");
if (folded && matchMedia("(max-width: 78rem)").matches) folded.open = false;

const links = new Map();
for (const link of document.querySelectorAll(".outline a")) {
  const heading = document.getElementById(link.hash.slice(1));
  if (heading) links.set(heading, link);
}
if (links.size && "IntersectionObserver" in window) {
  const follow = () => {
    let current = null;
    for (const heading of links.keys()) {
      if (heading.getBoundingClientRect().top > innerHeight * 0.3) break;
      current = heading;
    }
    for (const [heading, link] of links) {
      if (heading === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const observer = new IntersectionObserver(follow, { rootMargin: "0px 0px -70% 0px" });
  for (const heading of links.keys()) observer.observe(heading);
  follow();
}

const facsimile = document.querySelector(".facsimile");
const pagemarks = [...document.querySelectorAll(".pagemark")];
if (facsimile && pagemarks.length) {
  const image = facsimile.querySelector("img");
  const paper = facsimile.querySelector(".sheet-of-paper");
  const label = facsimile.querySelector(".label");
  const { picture, query, count } = facsimile.dataset;
  let shown = Number(image.getAttribute("src").match(/pages\/(\d+)\.png/)[1]);
  const show = (number) => {
    if (number === shown || number < 1 || number > Number(count)) return;
    shown = number;
    const address = `${picture}${number}.png${query ? `?${query}` : ""}`;
    image.src = address;
    paper.href = address;
    const mark = pagemarks.find((m) => Number(m.dataset.number) === number);
    label.textContent = mark ? mark.dataset.page.replace(/^p\. /, "") : String(number);
  };
  // The page that the reader has reached: the last one that begins above the middle.
  let waiting = 0;
  const follow = () => {
    waiting = 0;
    let current = null;
    for (const mark of pagemarks) {
      if (mark.getBoundingClientRect().top > innerHeight / 2) break;
      current = mark;
    }
    if (current) show(Number(current.dataset.number));
  };
  addEventListener("scroll", () => { waiting ||= setTimeout(follow, 150); }, { passive: true });
  const turn = (step) => (event) => {
    const mark = pagemarks.find((m) => Number(m.dataset.number) === shown + step);
    event.preventDefault();
    if (mark) mark.scrollIntoView({ block: "start" });
    show(shown + step);
  };
  facsimile.querySelector("[rel=prev]")?.addEventListener("click", turn(-1));
  facsimile.querySelector("[rel=next]")?.addEventListener("click", turn(1));
}

const places = [...document.querySelectorAll("mark.found[id]")];
if (places.length > 1) {
  let at = places.findIndex((place) => `#${place.id}` === location.hash);
  const step = (by) => {
    at = (at + by + places.length) % places.length;
    location.replace(`#${places[at].id}`);
  };
  for (const button of document.querySelectorAll(".step")) {
    button.hidden = false;
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") step(1);
    else if (event.key === "N") step(-1);
  });
}
