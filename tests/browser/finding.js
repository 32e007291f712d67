/* How a reader finds what a page of the docs names: by the words that are seen, and beside other words. doing.py puts
   this before each expression that it asks of the console's page. */

const GROUPS = "a, article, button, details, dl > div, form, header, li, section, tr, [role=listitem], .row";
const plain = (text) => text.replace(/\s+/g, " ").trim();
const isSeen = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0;

/** The innermost elements that say just this, near to others that say that. */
function named(name, beside = "") {
  const all = [...document.querySelectorAll("body *")].filter((each) => plain(each.textContent) === name && isSeen(each)
    && plain(each.innerText ?? each.textContent) === name
    && ![...each.children].some((inner) => plain(inner.textContent) === name));
  if (!beside) return all;
  const groups = named(beside).map((each) => each.closest(GROUPS)).filter(Boolean);
  return all.filter((each) => groups.some((group) => group.contains(each)));
}

function toClick(name, beside) {
  const all = named(name, beside).map((each) => each.closest("a, button, summary, label"));
  return all.find((each) => each && !each.disabled);
}

/** A field by its label, by the words in it, or an editor by its heading, once what stands in it was checked. */
function labelled(name, beside) {
  const all = named(name, beside);
  const label = all.map((each) => each.closest("label")?.control).find(Boolean);
  if (label) return label;
  const field = [...document.querySelectorAll("input, textarea")].find((each) => each.placeholder === name && isSeen(each));
  if (field) return field;
  const editors = all.map((each) => each.closest("section")).filter((each) => each?.querySelector("[role=status]")?.innerText);
  return editors.map((each) => each.querySelector(".ace_content")).find(Boolean);
}

/** Where to click an element; null if it is not there or lies below another. */
function middle(each) {
  if (!each) return null;
  each.scrollIntoView({ block: "nearest", behavior: "instant" });
  const box = each.getBoundingClientRect();
  const at = [box.x + Math.min(box.width / 2, 200), box.y + Math.min(box.height / 2, 60)];
  const top = document.elementFromPoint(...at);
  return top && (each.contains(top) || top.contains(each)) ? at : null;
}

function choose(under, beside, name) {
  const select = labelled(under, beside);
  const option = [...(select?.options ?? [])].find((each) => plain(each.textContent) === name);
  if (!option) return false;
  select.value = option.value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** What the cells below a heading say. */
function column(name) {
  const heads = named(name).map((each) => each.closest("th")).filter(Boolean);
  const rowsOf = (head) => [...head.closest("table").querySelectorAll("tbody tr")];
  return heads.flatMap((head) => rowsOf(head).map((row) => plain(row.cells[head.cellIndex]?.innerText ?? "")));
}
