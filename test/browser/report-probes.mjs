/*
 * Functions that run in the page, so each stands alone: only its own text gets there. They are no TypeScript, since the
 * types of a browser would then be known in all of the product, which runs in none.
 */

/* Text with less contrast to what is behind it than the least, by the formula of WCAG 2. */
export function findFaintText(least) {
  const parse = (text) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return { parts: [red, green, blue], alpha };
  };
  const light = ({ parts }) => {
    const [red, green, blue] = parts.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    if (element === null) return parse('rgb(255, 255, 255)');
    const colour = parse(getComputedStyle(element).backgroundColor);
    return colour.alpha === 1 ? colour : behind(element.parentElement);
  };
  const contrast = (element) => {
    const style = getComputedStyle(element);
    const both = [light(parse(element.localName === 'text' ? style.fill : style.color)), light(behind(element))];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  const elements = [...document.body.querySelectorAll('*')].filter(
    (element) => element.getClientRects().length > 0 && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== ''),
  );
  const faint = elements.filter((element) => contrast(element) < least).map((element) => `${element.textContent.trim()}: ${contrast(element).toFixed(2)}`);
  return { faint, seen: elements.length };
}

/* Text that goes beyond the page, and boxes that would have to be scrolled where they must not. */
export function findCutOff({ boxesMayScroll }) {
  const edge = document.documentElement.clientWidth + 0.5;
  // A caption must be readable without scrolling even where its table scrolls.
  const mayHide = (element) => boxesMayScroll && element.closest('.box') !== null && element.closest('caption') === null;
  const texts = [...document.body.querySelectorAll('*')]
    .filter((element) => !mayHide(element))
    .flatMap((element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== ''));
  const isCut = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].some(({ left, right, width }) => width > 0 && (right > edge || left < -0.5));
  };
  const boxes = [...document.querySelectorAll('.box')].filter((box) => !boxesMayScroll && box.scrollWidth > box.clientWidth + 1);
  return { cut: [...texts.filter(isCut).map((node) => node.textContent.trim()), ...boxes.map((box) => `box ${box.getAttribute('aria-label')}`)], seen: texts.length };
}

/* Rows of a table, the last of them its foot, by the titles of the columns; the first line of each cell. */
export function readTable(selector) {
  const table = document.querySelector(selector);
  const titles = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent);
  return [...table.querySelectorAll('tbody tr, tfoot tr')].map((row) =>
    Object.fromEntries([...row.children].map((cell, index) => [titles[index], cell.innerText.split('\n')[0].trim()])),
  );
}

/* What charts show, as measured on the screen: widths as shares of the width of the chart, heights in pixels. */
export function readCharts(selector) {
  return [...document.querySelectorAll(selector)].map((chart) => {
    const frame = chart.getBoundingClientRect();
    const parts = [...chart.querySelectorAll('rect[data-part]')].map((rect) => ({ name: rect.dataset.part, width: rect.width.baseVal.value, height: rect.height.baseVal.value }));
    const line = chart.querySelector('line.owned');
    return {
      title: chart.querySelector('title').textContent,
      widths: Object.fromEntries(parts.map(({ name, width }) => [name, width / frame.width])),
      heights: Object.fromEntries(parts.map(({ name, height }) => [name, height])),
      mark: line === null ? undefined : line.x1.baseVal.value / frame.width,
    };
  });
}

/* The strokes of the pattern of each part of a chart, or its plain colour. */
export function readPatterns(selector) {
  return [...document.querySelectorAll(selector)].map((part) => {
    const fill = part.getAttribute('fill');
    return fill.startsWith('url(') ? document.querySelector(`${fill.slice(4, -1)} path`).getAttribute('d') : 'plain';
  });
}
