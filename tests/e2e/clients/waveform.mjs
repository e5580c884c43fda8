// Parses a waveform with waveform-data, the package that peaks.js uses, and prints its properties as JSON.
import { readFileSync } from "node:fs";
import WaveformData from "waveform-data";

const file = JSON.parse(readFileSync(process.argv[2], "utf8"));
const read = WaveformData.create(file);
const channel = read.channel(0);
const coarse = read.resample({ width: 10 });
// `peaks` of wavesurfer.js: numbers from -1 to 1
const peaks = file.data.map((value) => value / 128);
const summary = {
  seconds: read.duration,
  pixels: read.length,
  bits: read.bits,
  lowest: Math.min(...channel.min_array()),
  highest: Math.max(...channel.max_array()),
  ordered: channel.min_array().every((value, place) => value <= channel.max_sample(place)),
  coarse: coarse.length,
  loudest: Math.max(...peaks.map(Math.abs)),
};
process.stdout.write(`${JSON.stringify(summary)}\n`);
