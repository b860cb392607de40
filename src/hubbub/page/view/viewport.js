/**
 * Keeps the page above a phone's keyboard. Where browsers know `interactive-widget` they do it themselves;
 * Safari makes only the visual viewport smaller, and scrolls the header away.
 */
const SMALL = 100; // pixels: bars of the browser that come and go are less than a keyboard

export function fitAboveKeyboard() {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const fit = () => {
    const { height, scale } = visualViewport;
    const covered = scale === 1 && window.innerHeight - height > SMALL;
    document.documentElement.style.setProperty("--height", covered ? `${height}px` : "100dvh");
    if (covered) window.scrollTo(0, 0);
  };
  visualViewport.addEventListener("resize", fit);
}
