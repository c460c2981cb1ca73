// Adds to the reading view: the outline follows the reader, and folds on narrow screens.

const folded = document.querySelector(".outline details");
if (folded && matchMedia("(max-width: 60rem)").matches) folded.open = false;

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
