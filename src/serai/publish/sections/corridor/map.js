// The map that can be moved: nothing of it is loaded before it is asked for, and nothing from elsewhere.
(() => {
  const button = document.getElementById('open-map');
  const holder = document.getElementById('moving-map');
  if (!button || !holder) return;
  const base = button.dataset.base;
  const tongue = document.documentElement.lang === 'ru' ? 'ru' : 'en';
  const load = (tag, attributes) => new Promise((done, failed) => {
    const node = Object.assign(document.createElement(tag), attributes, { onload: done, onerror: failed });
    document.head.append(node);
  });
  const source = name => ({ type: 'geojson', data: new URL(`${base}corridor/${name}.geojson`, location.href).href });
  const colour = ['match', ['get', 'mode'], 'rail', '#1d2733', 'road', '#a0683a', 'ferry', '#0a5fa5', '#5f8fb8'];
  const line = (id, open, dash) => ({
    id, type: 'line', source: 'links', filter: [open ? '==' : '!=', ['get', 'status'], 'open'],
    paint: { 'line-color': colour, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 1, 8, 3], ...dash },
  });
  const style = {
    version: 8,
    sources: { land: source('land'), links: source('links'), places: source('places') },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': '#eef3f7' } },
      { id: 'land', type: 'fill', source: 'land',
        paint: { 'fill-color': ['match', ['get', 'role'], 'member', '#dde6ee', '#eceae4'], 'fill-outline-color': '#fff' } },
      line('open', true, {}),
      line('planned', false, { 'line-dasharray': [1, 2] }),
      { id: 'places', type: 'circle', source: 'places', filter: ['!=', ['get', 'type'], 'waypoint'],
        paint: { 'circle-radius': 4, 'circle-color': '#fff', 'circle-stroke-color': '#1d2733', 'circle-stroke-width': 1.2 } },
    ],
  };
  const words = feature => {
    const own = feature.properties;
    if (own.place) return own[`name_${tongue}`];
    const ends = `${own[`from_${tongue}`]} – ${own[`to_${tongue}`]}`;
    return `${ends}: ${holder.dataset[own.mode]}${own.gauge ? ` ${own.gauge}` : ''}, ${Math.round(own.km)} ${holder.dataset.km}`;
  };
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      load('link', { rel: 'stylesheet', href: `${base}static/maplibre-gl.css` });
      await load('script', { src: `${base}static/maplibre-gl.js` });
      holder.hidden = false;
      const window_ = JSON.parse(holder.dataset.window);
      const map = new maplibregl.Map({
        container: holder, style, bounds: [window_.slice(0, 2), window_.slice(2)], attributionControl: false,
      });
      map.addControl(new maplibregl.NavigationControl());
      const popup = new maplibregl.Popup({ closeButton: false });
      for (const layer of ['places', 'open', 'planned']) {
        map.on('click', layer, event => popup.setLngLat(event.lngLat).setText(words(event.features[0])).addTo(map));
      }
      button.hidden = true;
      holder.focus();
    } catch {
      button.disabled = false;
      document.getElementById('no-map').hidden = false;
    }
  });
})();
