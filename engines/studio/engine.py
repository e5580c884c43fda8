"""The studio engine: reads the prompt, composes, performs, mixes and masters."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from engines.port import (
    SAMPLE_RATE,
    EngineInfo,
    Facts,
    ProgressMonitor,
    RenderRequest,
    RenderResult,
    Report,
    Score,
    SpooledAudio,
    Stage,
)
from engines.studio import midi, palette, random_streams
from engines.studio.analysis import report
from engines.studio.arranging import (
    arrangement,
    continuation,
    interpretation,
    request_checks,
    segment_form,
    titles,
)
from engines.studio.composing.drums import KICK
from engines.studio.dsp import heap
from engines.studio.dsp.arrays import Reals
from engines.studio.dsp.loudness import LoudnessMeter, integrated_loudness
from engines.studio.focus import crossfades, segments
from engines.studio.info import STUDIO_INFO
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing import automation, endings, instrument_use, mastering, mix_character, mixdown
from engines.studio.mixing.channels import Channel, ToneCache
from engines.studio.mixing.performance import NoteEvent, TempoMap, perform, without_doubled_strokes
from engines.studio.model.style import Part
from engines.studio.notation import musicxml
from engines.studio.orchestration import ending_kinds, transformations
from engines.studio.orchestration.ending_kinds import TAPE_STOP
from engines.studio.sampling.sampler import Sampler
from engines.studio.theory import metre, pitch

COMPOSED, CHANNELS_READY, MIXED, ENDING_APPLIED, MASTERED = 0.03, 0.15, 0.85, 0.87, 0.97
"""Fraction of the render that is complete after each step, measured on one minute of music."""


class StudioEngine:
    """The Engine of this package. A ``sampler`` replaces the tones of instruments by samples.

    ``extras`` of its results: "pre_limiter_mix" (Audio, the sum of the stems), "pre_limiter_gain" (the gain of the mix
    before the limiter) and "parts" (the names of the instruments).
    """

    def __init__(self, info: EngineInfo = STUDIO_INFO, sampler: Sampler | None = None) -> None:
        self._info, self._sampler = info, sampler
        heap.keep_freed_memory()

    @property
    def info(self) -> EngineInfo:
        return self._info

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        monitor.report(Stage.COMPOSING, 0.0)
        requested = request.segment.grid.duration_seconds if request.segment else request.duration_seconds
        seconds = min(float(self._info.max_duration_seconds), max(1.0, requested))
        return _Render(request, seconds, workspace, monitor, self._sampler).run()


class _Render:
    """The steps of one render; composing happens in the constructor."""

    def __init__(
        self,
        request: RenderRequest,
        seconds: float,
        workspace: Path,
        monitor: ProgressMonitor,
        sampler: Sampler | None,
    ) -> None:
        self._request, self._monitor, self._workspace, self._sampler = request, monitor, workspace, sampler
        self._segment = request.segment
        self._progress = (Stage.COMPOSING, 0.0)
        if self._segment:
            self._interpretation = segments.interpret_segment(self._segment)
            style = self._interpretation.effective.style
            self._form: segment_form.SegmentForm | None = segment_form.build_segment_form(self._segment, style)
        else:
            self._interpretation = interpretation.interpret(request)
            self._form = None
        self._brief, seed = self._interpretation.effective, self._interpretation.seed
        self._ending = ending_kinds.RING if self._form else ending_kinds.choose_ending(self._brief, seed)
        self._settings = transformations.mix_settings(self._brief)
        self._frames = round(seconds * SAMPLE_RATE)
        self._arrangement = arrangement.compose(self._brief, seconds, seed, self._form, self._heartbeat)
        if self._form:
            self._arrangement = crossfades.apply_handover(self._arrangement, self._form)
        self._composition = composition = self._arrangement.composition
        self._title = (request.title or "").strip() or self._choose_title(seed)
        self._tempo_map = TempoMap(
            composition.tempo,
            composition.beats,
            seconds,
            self._brief.style.ritardando,
            composition.sections[-1].start,
            self._form.lead if self._form else None,
        )
        self._progress = (Stage.COMPOSING, COMPOSED / 2)
        self._performance = {part.name: self._perform(part, seed) for part in self._arrangement.parts}
        kits = [part.name for part in self._arrangement.parts if CATALOGUE[part.instrument].is_kit]
        strokes = without_doubled_strokes([self._performance[name] for name in kits])
        self._performance.update(zip(kits, strokes, strict=True))
        self._progress = (Stage.COMPOSING, COMPOSED)
        self._heartbeat()

    def run(self) -> RenderResult:
        channels = self._create_channels()
        mixdown = self._mix(channels)
        master = self._master(mixdown)
        report = self._build_report(master, mixdown)
        self._progress_reporter(Stage.MASTERING, MASTERED, 1.0)(1.0)
        return RenderResult(
            title=self._title,
            master=master.audio,
            stems=endings.stems(mixdown),
            score=self._build_score(),
            facts=self._facts(master),
            extras={
                "pre_limiter_mix": SpooledAudio(mixdown.paths["mix"], self._frames),
                "pre_limiter_gain": master.pre_limiter_gain,
                "parts": tuple(channel.instrument.name for channel in channels),
            },
            report=report,
            continuation=continuation.build_continuation(self._brief, self._arrangement, self._interpretation.seed),
            palette=palette.cover_colours(titles.leading_mood(self._brief), self._brief.energy, self._composition.key),
        )

    def _choose_title(self, seed: int) -> str:
        if self._segment:
            return segments.segment_title(self._segment, self._brief.style)
        return titles.choose_title(self._brief, self._composition.key, seed)

    def _perform(self, part: Part, seed: int) -> list[NoteEvent]:
        self._heartbeat()
        rng = random_streams.stream(seed, "perform", part.name)
        return perform(self._composition.notes[part.name], part, self._brief.style, self._tempo_map, rng)

    def _progress_reporter(self, stage: Stage, start: float, end: float) -> Callable[[float], None]:
        def report_progress(share: float) -> None:
            self._progress = (stage, start + (end - start) * min(1.0, share))
            self._heartbeat()

        return report_progress

    def _heartbeat(self) -> None:
        self._monitor.report(*self._progress)

    @property
    def _beat_seconds(self) -> float:
        """The length of the beat to which delays and sidechain ducking are synchronised."""
        return metre.metre_named(self._composition.metre).delay_beat * 60.0 / self._composition.tempo

    def _create_channels(self) -> list[Channel]:
        tones = ToneCache(self._heartbeat, self._interpretation.seed if self._form else 0, self._sampler)
        report_progress = self._progress_reporter(Stage.RENDERING, COMPOSED, CHANNELS_READY)
        kicks = [
            event.start
            for part in self._arrangement.parts
            if part.stem == "drums"
            for event in self._performance[part.name]
            if event.pitch == KICK
        ]
        channels = []
        for number, part in enumerate(self._arrangement.parts, 1):
            events = self._performance[part.name]
            if events:
                channels.append(Channel(part, events, tones, mixdown.BLOCK_FRAMES, kicks, self._beat_seconds))
            report_progress(number / len(self._arrangement.parts))
        return channels

    def _mix(self, channels: list[Channel]) -> mixdown.Mixdown:
        """Mix the channels and apply the loop or fade-out that was requested."""
        form = self._brief.form
        mixed = mixdown.mix(
            channels,
            self._choose_mix_character(),
            self._settings,
            self._frames + (round(endings.LOOP_TAIL_SECONDS * SAMPLE_RATE) if form.is_loop else 0),
            self._workspace,
            self._beat_seconds,
            self._progress_reporter(Stage.MIXING, CHANNELS_READY, MIXED),
            has_ending=not self._form or self._form.is_last,
        )
        report_progress = self._progress_reporter(Stage.MIXING, MIXED, ENDING_APPLIED)
        if form.is_loop:
            return endings.wrap_loop(mixed, self._workspace / "loop", self._frames, report_progress)
        fades_in, fades_out = form.has_fade_in, form.has_fade_out
        if self._ending == TAPE_STOP:
            mixed = endings.stop_tape(mixed, self._workspace / "stopped", report_progress)
        if not (fades_in or fades_out):
            return mixed
        return endings.fade(mixed, self._workspace / "faded", report_progress, fades_in=fades_in, fades_out=fades_out)

    def _choose_automation(self) -> automation.Automation:
        """Choose the sweeps of a track; loops, unchanging music and segments have none."""
        form = self._brief.form
        if self._form or form.is_loop or form.variety == "static":
            return automation.NO_AUTOMATION
        sections, seconds_at = self._composition.sections, self._tempo_map.seconds_at
        return automation.choose_automation(self._brief.style.key, sections, seconds_at, self._interpretation.seed)

    def _choose_mix_character(self) -> mix_character.MixCharacter:
        """Choose the room and the bus chain; all segments of a session share them as long as they share the style."""
        seed = self._segment.session_seed if self._segment else self._interpretation.seed
        style = mixdown.with_energy_tilt(self._brief.style, self._brief.energy)
        return replace(mix_character.choose_character(style, seed), automation=self._choose_automation())

    def _master(self, mixdown: mixdown.Mixdown) -> mastering.Master:
        report_progress = self._progress_reporter(Stage.MASTERING, ENDING_APPLIED, MASTERED)
        if self._segment and self._form:
            target_lufs = self._segment.grid.target_lufs
            margin = mastering.overlap_margin(self._frames, *self._form.overlap_seconds)
            rider = mastering.build_rider(*self._form.texture_changes, mixdown.true_peaks * margin, target_lufs)
            return mastering.master(mixdown, self._workspace, report_progress, target_lufs, rider, margin)
        if not self._brief.form.is_loop:
            target_lufs = self._settings.loudness_lufs
            return mastering.master(mixdown, self._workspace, report_progress, target_lufs, self._fader_ride())
        padded = endings.pad_loop(mixdown, self._workspace / "padded")
        master = mastering.master(padded, self._workspace, report_progress, self._settings.loudness_lufs)
        padded.paths["mix"].unlink()
        audio = endings.trim_loop(master.audio, self._workspace / "trimmed.f32", self._frames)
        meter = LoudnessMeter()
        for block in audio.blocks():
            meter.add(block.T)
        return replace(master, audio=audio, loudness_lufs=round(integrated_loudness(meter.powers), 2))

    def _fader_ride(self) -> Callable[[Reals], Reals]:
        """Return the gain riding of the master, which preserves dynamics that were requested."""
        form = self._brief.form
        has_dynamics = any(one.energy is not None or one.transformations for one in form.section_requests())
        is_shaped = bool(form.arc or form.start or form.end or form.highlights) or has_dynamics
        fade_seconds = endings.fade_out_seconds(self._frames / SAMPLE_RATE) if form.has_fade_out else 0.0
        low, high = self._settings.loudness_range_lu
        high = max(high, mastering.MAX_SHAPED_RANGE_LU) if is_shaped else high
        return partial(mastering.ride_fader, range_lu=(low, high), fade_seconds=fade_seconds)

    def _build_score(self) -> Score:
        score = midi.build_score(
            self._composition,
            self._arrangement.parts,
            self._performance,
            self._tempo_map,
            self._title,
            round(self._frames * 1000 / SAMPLE_RATE),
            self._heartbeat,
        )
        document = musicxml.write(
            self._composition, self._arrangement.parts, self._tempo_map, self._title, self._brief.style, self._heartbeat
        )
        return replace(score, musicxml=document)

    def _stroke_at(self) -> float | None:
        """Return the second of a last chord that does not ring."""
        is_ringing = self._ending in ending_kinds.RINGING
        return None if is_ringing else self._tempo_map.seconds_at(self._composition.sections[-1].start)

    def _build_report(self, master: mastering.Master, mixed: mixdown.Mixdown) -> Report:
        seconds = self._frames / SAMPLE_RATE
        checks = () if self._segment else request_checks.check_request(self._brief, self._arrangement)
        result = report.build_report(
            self._interpretation.requested,
            self._request.duration_seconds,
            self._composition,
            report.FinishedAudio(master.audio, master.loudness_lufs, self._stroke_at()),
            interpretation.find_approximations(self._interpretation, self._composition),
            (*self._interpretation.notes, *checks),
            self._heartbeat,
        )
        uses = instrument_use.instrument_uses(self._arrangement.parts, self._performance, seconds, mixed.peaks)
        result = replace(result, instruments=uses)
        if transformations.has_loudness(self._brief):
            loudness = replace(result.loudness_lufs, requested=self._settings.loudness_lufs)
            result = replace(result, loudness_lufs=loudness)
        return segments.with_grid(result, self._segment.grid) if self._segment else result

    def _facts(self, master: mastering.Master) -> Facts:
        return Facts(
            tempo_bpm=round(self._composition.counted_tempo, 2),
            key=pitch.exact_key_name(self._composition.key),
            metre=self._composition.metre,
            loudness_lufs=master.loudness_lufs,
            true_peak_dbtp=master.true_peak_dbtp,
            style=self._brief.style.name,
        )
