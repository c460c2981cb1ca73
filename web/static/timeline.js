// Brings the years that are shown into view where all years are wider than the window.

const years = document.querySelector(".years ol");
const shown = years?.querySelectorAll("li.shown");
if (shown?.length) {
  years.scrollLeft = shown[shown.length - 1].offsetLeft - years.offsetLeft - years.clientWidth * 0.7;
}
