// Decisions on matches, collected on the page and taken away as a table: nothing is sent anywhere.
(() => {
  const panel = document.getElementById('decide');
  const rows = [...document.querySelectorAll('tr[data-match]')];
  if (!panel || !rows.length) return;
  const KEY = 'serai-decisions';
  const by = panel.querySelector('[name=by]');
  const count = panel.querySelector('output');
  const need = panel.querySelector('.need');
  let taken = {};
  const load = () => {
    try { taken = JSON.parse(localStorage.getItem(KEY)) || {}; by.value = taken.by || ''; } catch { taken = {}; }
    if (typeof taken.rows !== 'object' || taken.rows === null) taken = { by: by.value, rows: {} };
  };
  const save = () => {
    taken.by = by.value.trim();
    try { localStorage.setItem(KEY, JSON.stringify(taken)); } catch { /* the page itself still holds them */ }
  };
  const show = () => {
    for (const row of rows) {
      const own = taken.rows[row.dataset.match];
      for (const button of row.querySelectorAll('.choice button')) {
        button.setAttribute('aria-pressed', String(own !== undefined && own.decision === button.value));
      }
      const reason = row.querySelector('.choice input');
      reason.hidden = own === undefined;
      if (own && reason.value !== own.reason) reason.value = own.reason;
    }
    count.textContent = String(Object.keys(taken.rows).length);
    panel.querySelector('[name=take]').disabled = !Object.keys(taken.rows).length;
  };
  const choose = (row, decision) => {
    if (!by.value.trim()) { need.hidden = false; by.focus(); return; }
    need.hidden = true;
    const name = row.dataset.match;
    const own = taken.rows[name];
    if (own && own.decision === decision) delete taken.rows[name];
    else taken.rows[name] = { decision, by: by.value.trim(), at: new Date().toISOString().slice(0, 19) + 'Z', reason: own ? own.reason : '' };
    save();
    show();
  };
  const cell = text => `"${String(text).replaceAll('"', '""').replace(/[\r\n]+/g, ' ')}"`;
  const table = () => {
    const lines = Object.entries(taken.rows).sort().map(([match, own]) =>
      [match, own.decision, own.by, own.at, own.reason].map(cell).join(','));
    return ['match,decision,by,at,reason', ...lines, ''].join('\r\n');
  };
  for (const row of rows) {
    const holder = row.querySelector('.choice');
    holder.hidden = false;
    for (const button of holder.querySelectorAll('button')) button.addEventListener('click', () => choose(row, button.value));
    const reason = holder.querySelector('input');
    reason.addEventListener('input', () => {
      const own = taken.rows[row.dataset.match];
      if (own) { own.reason = reason.value; save(); }
    });
  }
  by.addEventListener('input', () => { need.hidden = true; save(); });
  panel.querySelector('[name=take]').addEventListener('click', () => {
    const address = URL.createObjectURL(new Blob([table()], { type: 'text/csv' }));
    const link = Object.assign(document.createElement('a'), { href: address, download: 'decisions.csv' });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  panel.querySelector('[name=clear]').addEventListener('click', () => {
    if (confirm(panel.dataset.sure)) { taken.rows = {}; save(); show(); }
  });
  load();
  panel.hidden = false;
  show();
})();
