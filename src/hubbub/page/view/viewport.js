/**
 * Keeps the page above the keyboard of a phone. Browsers that know `interactive-widget` do it themselves;
 * Safari only makes the visual viewport smaller, and scrolls the header away.
 */
const SMALL = 100; // pixels: less is a bar of the browser, and no keyboard

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
