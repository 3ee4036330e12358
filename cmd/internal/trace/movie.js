"use strict";
// Draws the run that stands in #run: where everybody stands, which pushes are underway, who
// has the chunk that is followed. Times are in microseconds from the stretch's beginning.
const run = JSON.parse(document.getElementById("run").textContent);
const $ = id => document.getElementById(id);
const firstCopy = 1, again = 2, vanished = 4;

// Of every chunk its pushes; of all pushes when they are sent and land.
const pushes = [], byChunk = new Map();
let clock = 0;
for (const [after, takes, from, to, chunk, what] of run.pushes) {
	clock += after;
	const push = { at: clock, land: clock + takes, from, to, chunk, what };
	pushes.push(push);
	if (!byChunk.has(chunk)) byChunk.set(chunk, []);
	byChunk.get(chunk).push(push);
}
const birth = new Map(run.chunks);
const longest = pushes.reduce((most, p) => Math.max(most, p.land - p.at), 0);

// story is how one chunk spreads: who has it from whom, when, and how many hops from the source.
function story(chunk) {
	const got = new Array(run.peers + 1).fill(null);
	got[0] = { at: birth.get(chunk), from: 0, hops: 0 };
	const firsts = (byChunk.get(chunk) || []).filter(p => p.what === firstCopy).map(p => ({ at: p.land, from: p.from, to: p.to }));
	const gains = run.gains.filter(g => g[2] === chunk).map(([at, to, , hops]) => ({ at, from: to, to, hops })); // computed from other chunks
	for (const p of firsts.concat(gains).sort((a, b) => a.at - b.at))
		got[p.to] = { at: p.at, from: p.from, hops: p.hops || (got[p.from] ? got[p.from].hops : 0) + 1 };
	const times = got.slice(1).filter(g => g).map(g => g.at - birth.get(chunk)).sort((a, b) => a - b);
	return { chunk, got, times, birth: birth.get(chunk), end: times.length ? times[times.length - 1] : 0, hops: got.reduce((most, g) => g ? Math.max(most, g.hops) : most, 0) };
}

let now = 0, playing = false, before = 0, tale = null, colours = {};

function isUp(peer, t) {
	let up = run.up[peer] === 1;
	for (const [at, who, is] of run.turns) if (who === peer && at <= t) up = is === 1;
	return up;
}

// place is where a peer stands, in a square from −1 to 1: the source in the middle.
function place(peer) {
	if (peer === 0) return [0, 0];
	const angle = 2 * Math.PI * (peer - 1) / run.peers - Math.PI / 2;
	let r = 0.92;
	if (tale && $("layout").value === "delay") {
		const g = tale.got[peer];
		r = g ? 0.12 + 0.72 * (g.at - tale.birth) / Math.max(1, tale.end) : 0.95;
	}
	return [r * Math.cos(angle), r * Math.sin(angle)];
}

function fit(canvas, height) {
	const by = window.devicePixelRatio || 1, width = canvas.clientWidth;
	if (canvas.width !== Math.round(width * by) || canvas.height !== Math.round(height * by)) {
		canvas.width = Math.round(width * by);
		canvas.height = Math.round(height * by);
	}
	canvas.style.height = height + "px";
	const c = canvas.getContext("2d");
	c.setTransform(by, 0, 0, by, 0, 0);
	c.clearRect(0, 0, width, height);
	return [c, width];
}

function line(c, a, b, colour, width, alpha) {
	c.globalAlpha = alpha;
	c.strokeStyle = colour;
	c.lineWidth = width;
	c.beginPath();
	c.moveTo(a[0], a[1]);
	c.lineTo(b[0], b[1]);
	c.stroke();
	c.globalAlpha = 1;
}

function disc(c, at, r, colour, hollow) {
	c.beginPath();
	c.arc(at[0], at[1], r, 0, 2 * Math.PI);
	c.lineWidth = 1.2;
	if (hollow) { c.strokeStyle = colour; c.stroke(); } else { c.fillStyle = colour; c.fill(); }
}

function draw() {
	const canvas = $("swarm"), side = Math.min(canvas.clientWidth, Math.max(280, window.innerHeight - 150), 720);
	const [c, width] = fit(canvas, side);
	const spots = [];
	for (let i = 0; i <= run.peers; i++) {
		const [x, y] = place(i);
		spots.push([width / 2 + x * side * 0.47, side / 2 + y * side * 0.47]);
	}
	// The first push that can still be underway, by halving: they are in the order of sending.
	const shown = tale ? byChunk.get(tale.chunk) || [] : pushes;
	let lo = 0, hi = shown.length;
	while (lo < hi) {
		const mid = (lo + hi) >> 1;
		if (shown[mid].at < now - longest) lo = mid + 1; else hi = mid;
	}
	if (tale) for (let i = 1; i <= run.peers; i++) {
		const g = tale.got[i];
		if (g && g.at <= now) line(c, spots[g.from], spots[i], colours.first, 1, 0.35);
	}
	for (let i = tale ? 0 : lo; i < shown.length && shown[i].at <= now; i++) {
		const p = shown[i];
		const part = p.land > p.at ? (now - p.at) / (p.land - p.at) : 1;
		const a = spots[p.from], b = spots[p.to];
		if (p.what === vanished) { // it is lost half way, and seen for a moment
			const since = now - p.at;
			if (since < 60000) {
				const m = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
				line(c, a, m, colours.gone, 0.7, 0.5);
				line(c, [m[0] - 4, m[1] - 4], [m[0] + 4, m[1] + 4], colours.gone, 1.6, 1);
				line(c, [m[0] - 4, m[1] + 4], [m[0] + 4, m[1] - 4], colours.gone, 1.6, 1);
			}
			continue;
		}
		if (part >= 1) continue;
		const at = [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
		const colour = p.what === firstCopy ? colours.first : p.what === again ? colours.again : colours.soft;
		line(c, a, at, colour, p.what === firstCopy ? 1.4 : 0.7, tale ? 0.8 : 0.3);
		disc(c, at, p.what === firstCopy ? 3 : 2, colour, false);
	}
	const r = Math.max(2.5, Math.min(6, side / run.peers * 0.9));
	for (let i = 1; i <= run.peers; i++) {
		const g = tale && tale.got[i], has = g && g.at <= now;
		if (!isUp(i, now)) { disc(c, spots[i], 1.2, colours.grid, false); continue; }
		disc(c, spots[i], r, colours.paper, false);
		disc(c, spots[i], r, has ? colours.first : colours.soft, !has);
	}
	disc(c, spots[0], r + 3, colours.text, false);
	say();
	drawCurve();
}

// drawCurve draws the share of the peers that have the chunk, over its age.
function drawCurve() {
	const [c, width] = fit($("curve"), 70);
	if (!tale) return;
	const age = now - tale.birth, whole = Math.max(1, tale.end * 1.1);
	line(c, [0, 65], [width, 65], colours.grid, 1, 1);
	line(c, [0, 5], [width, 5], colours.grid, 1, 1);
	c.strokeStyle = colours.first;
	for (const upto of [whole, Math.min(age, whole)]) {
		c.globalAlpha = upto === whole ? 0.3 : 1;
		c.lineWidth = 2;
		c.beginPath();
		c.moveTo(0, 65);
		let n = 0;
		for (const t of tale.times) {
			if (t > upto) break;
			c.lineTo(width * t / whole, 65 - 60 * n / run.peers);
			c.lineTo(width * t / whole, 65 - 60 * ++n / run.peers);
		}
		if (upto > 0) c.lineTo(width * upto / whole, 65 - 60 * n / run.peers);
		c.stroke();
	}
	c.globalAlpha = 1;
	if (age >= 0 && age <= whole) line(c, [width * age / whole, 0], [width * age / whole, 70], colours.soft, 1, 0.8);
}

const seconds = t => (t / 1e6).toFixed(3) + " s";

function say() {
	$("clock").textContent = seconds(now + run.start);
	$("time").value = Math.round(1000 * now / run.length);
	if (!tale) {
		const n = pushes.filter(p => p.at <= now && p.land > now && p.what !== vanished).length;
		$("said").textContent = n + " pushes are underway";
		return;
	}
	let has = 0, hops = 0, vain = 0, up = 0;
	for (let i = 1; i <= run.peers; i++) {
		const g = tale.got[i];
		if (g && g.at <= now) { has++; hops = Math.max(hops, g.hops); }
		if (isUp(i, now)) up++;
	}
	for (const p of byChunk.get(tale.chunk) || []) if (p.what === again && p.land <= now) vain++;
	const age = now - tale.birth;
	$("said").textContent = age < 0 ? "chunk " + tale.chunk + " is not born yet" :
		"chunk " + tale.chunk + ", " + seconds(age) + " old: " + has + " of " + up + " peers have it, at most " + hops + " hops from the source; pushes in vain: " + vain;
}

function step(stamp) {
	if (!playing) return;
	const passed = before ? Math.min(100, stamp - before) : 0;
	before = stamp;
	now += passed * 1000 * Number($("speed").value);
	const end = tale ? Math.min(run.length, tale.birth + tale.end * 1.1 + 20000) : run.length;
	if (now >= end) {
		now = end;
		play(false);
	}
	draw();
	if (playing) requestAnimationFrame(step);
}

function play(on) {
	playing = on;
	before = 0;
	$("play").textContent = on ? "pause" : "play";
	if (!on) return;
	const end = tale ? Math.min(run.length, tale.birth + tale.end * 1.1 + 20000) : run.length;
	if (now >= end || tale && now < tale.birth) now = tale ? tale.birth : 0;
	requestAnimationFrame(step);
}

function follow() {
	const value = $("chunk").value;
	tale = value === "" ? null : story(Number(value));
	now = tale ? tale.birth : 0;
	draw();
}

function look() {
	const style = getComputedStyle(document.documentElement);
	for (const name of ["paper", "text", "soft", "grid", "first", "again", "gone"]) colours[name] = style.getPropertyValue("--" + name).trim();
	draw();
}

for (const [id] of run.chunks) $("chunk").add(new Option(String(id), String(id)));
$("chunk").add(new Option("all at once", ""));
$("play").onclick = () => play(!playing);
$("chunk").onchange = follow;
$("layout").onchange = draw;
$("time").oninput = () => { play(false); now = run.length * Number($("time").value) / 1000; draw(); };
document.addEventListener("keydown", e => {
	if (e.key === " " && e.target === document.body) { e.preventDefault(); play(!playing); }
});
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
follow();
look();
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play(true);
