"""The studio engine: reads, composes, plays, mixes and masters."""

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
from engines.studio.arranging import arrangement, continuation, interpretation, segment_form, titles
from engines.studio.composing.drums import KICK
from engines.studio.dsp.arrays import Reals
from engines.studio.dsp.loudness import LoudnessMeter, integrated_loudness
from engines.studio.focus import crossfades, segments
from engines.studio.info import STUDIO_INFO
from engines.studio.mixing import endings, level_rider, mastering, mixdown
from engines.studio.mixing.channels import Channel, ToneCache
from engines.studio.mixing.performance import NoteEvent, TempoMap, perform
from engines.studio.model.style import Part
from engines.studio.theory import metre

COMPOSED, CHECKED, MIXED, ENDED, MASTERED = 0.03, 0.15, 0.85, 0.87, 0.97
"""The share of the whole that is done after each step, as measured on a minute of music."""


class StudioEngine:
    """See Engine.

    ``extras`` of its renderings: "pre_limiter_mix" (Audio: what the stems add up to),
    "pre_limiter_gain" (what the mix was multiplied with before the limiter) and "parts" (who played).
    """

    @property
    def info(self) -> EngineInfo:
        """See Engine."""
        return STUDIO_INFO

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """See Engine."""
        monitor.report(Stage.COMPOSING, 0.0)
        asked = request.segment.grid.duration_seconds if request.segment else request.duration_seconds
        seconds = min(float(STUDIO_INFO.max_duration_seconds), max(1.0, asked))
        return _Session(request, seconds, workspace, monitor).finish()


class _Session:
    """One rendering, from a request to a Rendering."""

    def __init__(self, request: RenderRequest, seconds: float, workspace: Path, monitor: ProgressMonitor) -> None:
        self._request, self._monitor, self._workspace = request, monitor, workspace
        self._segment = request.segment
        self._intent = segments.interpret_segment(self._segment) if self._segment else interpretation.interpret(request)
        self._layout = (
            segment_form.build_segment_form(self._segment, self._intent.effective.style) if self._segment else None
        )
        self._brief, seed = self._intent.effective, self._intent.seed
        self._frames = round(seconds * SAMPLE_RATE)
        self._told = (Stage.COMPOSING, 0.0)
        self._score = arrangement.compose(self._brief, seconds, seed, self._layout, self._heartbeat)
        if self._layout:
            self._score = crossfades.apply_handover(self._score, self._layout)
        piece = self._score.composition
        self._title = (request.title or "").strip() or self._named(seed)
        self._clock = TempoMap(
            piece.tempo, piece.beats, seconds, self._brief.style.ritardando, piece.sections[-1].start
        )
        self._told = (Stage.COMPOSING, COMPOSED / 2)
        self._played = {part.name: self._performed(part, seed) for part in self._score.parts}
        self._told = (Stage.COMPOSING, COMPOSED)
        self._heartbeat()

    def finish(self) -> RenderResult:
        """Plays, mixes and masters what was composed."""
        channels = self._channels()
        mixdown = self._mixed(channels)
        mastered = self._mastered(mixdown)
        told = self._report(mastered)
        self._teller(Stage.MASTERING, MASTERED, 1.0)(1.0)
        piece = self._score.composition
        return RenderResult(
            title=self._title,
            master=mastered.audio,
            stems=endings.stem_audio(mixdown),
            score=self._written(),
            facts=self._facts(mastered),
            extras={
                "pre_limiter_mix": SpooledAudio(mixdown.paths["mix"], self._frames),
                "pre_limiter_gain": mastered.pre_limiter_gain,
                "parts": tuple(channel.instrument.name for channel in channels),
            },
            report=told,
            continuation=continuation.build_continuation(self._brief, self._score, self._intent.seed),
            palette=palette.cover_colours(titles.leading_mood(self._brief), self._brief.energy, piece.key),
        )

    def _named(self, seed: int) -> str:
        if self._segment:
            return segments.segment_title(self._segment, self._brief.style)
        return titles.choose_title(self._brief, self._score.composition.key, seed)

    def _performed(self, part: Part, seed: int) -> list[NoteEvent]:
        self._heartbeat()
        line, rng = self._score.composition.lines[part.name], random_streams.stream(seed, "perform", part.name)
        return perform(line, part, self._brief.style, self._clock, rng)

    def _teller(self, stage: Stage, start: float, end: float) -> Callable[[float], None]:
        def tell(share: float) -> None:
            self._told = (stage, start + (end - start) * min(1.0, share))
            self._heartbeat()

        return tell

    def _heartbeat(self) -> None:
        self._monitor.report(*self._told)

    @property
    def _beat(self) -> float:
        """Seconds of a beat to which echoes and pumps are set."""
        piece = self._score.composition
        return metre.metre_named(piece.metre).delay_beat * 60.0 / piece.tempo

    def _channels(self) -> list[Channel]:
        tones = ToneCache(self._heartbeat, seed=self._intent.seed if self._layout else 0)
        beat = self._beat
        tell = self._teller(Stage.RENDERING, COMPOSED, CHECKED)
        kicks = [
            event.start
            for part in self._score.parts
            if part.stem == "drums"
            for event in self._played[part.name]
            if event.pitch == KICK
        ]
        channels = []
        for turn, part in enumerate(self._score.parts):
            events = self._played[part.name]
            if events:
                channels.append(Channel(part, events, tones, mixdown.BLOCK_FRAMES, kicks, beat))
            tell((turn + 1) / len(self._score.parts))
        return channels

    def _mixed(self, channels: list[Channel]) -> mixdown.Mixdown:
        """The mix with its end as it was asked for."""
        wishes, beat = self._brief.form, self._beat
        beyond = round(endings.TAIL_SECONDS * SAMPLE_RATE) if wishes.is_loop else 0
        tell = self._teller(Stage.MIXING, CHECKED, MIXED)
        has_end = not self._layout or self._layout.is_last
        frames = self._frames + beyond
        style = mixdown.with_energy_tilt(self._brief.style, self._brief.energy)
        mixed = mixdown.mix(channels, style, frames, self._workspace, beat, tell, has_ending=has_end)
        tell = self._teller(Stage.MIXING, MIXED, ENDED)
        if wishes.is_loop:
            return endings.wrap_loop(mixed, self._workspace / "loop", self._frames, tell)
        return endings.fade_out(mixed, self._workspace / "faded", tell) if wishes.has_fade_out else mixed

    def _mastered(self, mixdown: mixdown.Mixdown) -> mastering.Master:
        tell = self._teller(Stage.MASTERING, ENDED, MASTERED)
        if self._segment and self._layout:
            aim, margin = (
                self._segment.grid.target_lufs,
                level_rider.overlap_margin(self._frames, *self._layout.overlap_seconds),
            )
            rider = level_rider.build_rider(*self._layout.texture_changes, mixdown.true_peaks * margin, aim)
            return mastering.master(mixdown, self._workspace, tell, aim, rider, margin)
        if not self._brief.form.is_loop:
            return mastering.master(mixdown, self._workspace, tell, ride=self._rider())
        rolled = endings.pad_loop(mixdown, self._workspace / "rolled")
        mastered = mastering.master(rolled, self._workspace, tell)
        rolled.paths["mix"].unlink()
        audio = endings.trim_loop(mastered.audio, self._workspace / "cut.f32", self._frames)
        meter = LoudnessMeter()
        for block in audio.blocks(endings.BLOCK_FRAMES):
            meter.add(block.T)
        return replace(mastered, audio=audio, loudness_lufs=round(integrated_loudness(meter.powers), 2))

    def _rider(self) -> Callable[[Reals], Reals]:
        """The hand on the fader, which leaves alone what was asked of the dynamics."""
        wishes = self._brief.form
        is_shaped = bool(wishes.arc or wishes.start or wishes.end or wishes.moments)
        fade = endings.fade_out_seconds(self._frames / SAMPLE_RATE) if wishes.has_fade_out else 0.0
        return partial(
            mastering.ride_fader,
            widest=mastering.MAX_SHAPED_RANGE_LU if is_shaped else mastering.LOUDNESS_RANGE_LU[1],
            fade=fade,
        )

    def _written(self) -> Score:
        milliseconds = round(self._frames * 1000 / SAMPLE_RATE)
        return midi.build_score(
            self._score.composition,
            self._score.parts,
            self._played,
            self._clock,
            self._title,
            milliseconds,
            self._heartbeat,
        )

    def _report(self, mastered: mastering.Master) -> Report:
        nearly = interpretation.find_approximations(self._intent, self._score.composition)
        seconds, asked = self._request.duration_seconds, self._intent
        told = report.build_report(
            asked.requested,
            seconds,
            self._score.composition,
            mastered.audio,
            mastered.loudness_lufs,
            nearly,
            asked.notes,
            self._heartbeat,
        )
        return segments.with_grid(told, self._segment.grid) if self._segment else told

    def _facts(self, mastered: mastering.Master) -> Facts:
        piece = self._score.composition
        return Facts(
            tempo_bpm=round(piece.counted_tempo, 2),
            key=piece.key.name,
            metre=piece.metre,
            loudness_lufs=mastered.loudness_lufs,
            true_peak_dbtp=mastered.true_peak_dbtp,
            style=self._brief.style.name,
        )
