"""The studio engine: reads, composes, plays, mixes and masters."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engines.port import (
    SAMPLE_RATE,
    EngineCard,
    Facts,
    Monitor,
    Rendering,
    RenderRequest,
    Report,
    Score,
    SpooledAudio,
    Stage,
)
from engines.studio import arrangement, continuation, ends, intent, master, mix, palette, report, score, seeds, titles
from engines.studio.card import CARD
from engines.studio.channels import Channel, Tones
from engines.studio.loudness import Meter, integrated
from engines.studio.performance import Clock, Event, perform
from engines.studio.rhythm import KICK
from engines.studio.style import Part

COMPOSED, CHECKED, MIXED, ENDED, MASTERED = 0.03, 0.15, 0.85, 0.87, 0.97
"""The share of the whole that is done after each step, as measured on a minute of music."""


class StudioEngine:
    """See Engine.

    ``extras`` of its renderings: "pre_limiter_mix" (Audio: what the stems add up to),
    "pre_limiter_gain" (what the mix was multiplied with before the limiter) and "parts" (who played).
    """

    @property
    def card(self) -> EngineCard:
        """See Engine."""
        return CARD

    def render(self, request: RenderRequest, workspace: Path, monitor: Monitor) -> Rendering:
        """See Engine."""
        monitor.report(Stage.COMPOSING, 0.0)
        seconds = min(float(CARD.max_duration_seconds), max(1.0, request.duration_seconds))
        return _Session(request, seconds, workspace, monitor).finish()


class _Session:
    """One rendering, from a request to a Rendering."""

    def __init__(self, request: RenderRequest, seconds: float, workspace: Path, monitor: Monitor) -> None:
        self._request, self._monitor, self._workspace = request, monitor, workspace
        self._intent = intent.of(request)
        self._brief, seed = self._intent.played, self._intent.seed
        self._frames = round(seconds * SAMPLE_RATE)
        self._score = arrangement.compose(self._brief, seconds, seed)
        piece = self._score.piece
        self._title = (request.title or "").strip() or titles.title(self._brief, piece.key, seed)
        self._clock = Clock(piece.tempo, piece.beats, seconds, self._brief.style.ritard, piece.sections[-1].start)
        self._told = (Stage.COMPOSING, COMPOSED / 2)
        self._played = {part.name: self._performed(part, seed) for part in self._score.parts}
        self._told = (Stage.COMPOSING, COMPOSED)
        self._heartbeat()

    def finish(self) -> Rendering:
        """Plays, mixes and masters what was composed."""
        channels = self._channels()
        mixdown = self._mixed(channels)
        mastered = self._mastered(mixdown)
        told = self._report(mastered)
        self._teller(Stage.MASTERING, MASTERED, 1.0)(1.0)
        piece = self._score.piece
        return Rendering(
            title=self._title,
            master=mastered.audio,
            stems=ends.stems(mixdown),
            score=self._written(),
            facts=self._facts(mastered, told),
            extras={
                "pre_limiter_mix": SpooledAudio(mixdown.paths["mix"], self._frames),
                "pre_limiter_gain": mastered.gain,
                "parts": tuple(channel.instrument.name for channel in channels),
            },
            report=told,
            continuation=continuation.write(self._brief, self._score, self._intent.seed),
            palette=palette.palette(titles.mood(self._brief), self._brief.energy, piece.key),
        )

    def _performed(self, part: Part, seed: int) -> list[Event]:
        self._heartbeat()
        line, rng = self._score.piece.lines[part.name], seeds.stream(seed, "perform", part.name)
        return perform(line, part, self._brief.style, self._clock, rng)

    def _teller(self, stage: Stage, start: float, end: float) -> Callable[[float], None]:
        def tell(share: float) -> None:
            self._told = (stage, start + (end - start) * min(1.0, share))
            self._heartbeat()

        return tell

    def _heartbeat(self) -> None:
        self._monitor.report(*self._told)

    def _channels(self) -> list[Channel]:
        tones, beat = Tones(self._heartbeat), 60.0 / self._score.piece.tempo
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
                channels.append(Channel(part, events, tones, mix.SIZE, kicks, beat))
            tell((turn + 1) / len(self._score.parts))
        return channels

    def _mixed(self, channels: list[Channel]) -> mix.Mixdown:
        """The mix with its end as it was asked for."""
        wishes, beat = self._brief.shape, 60.0 / self._score.piece.tempo
        beyond = round(ends.TAIL_SECONDS * SAMPLE_RATE) if wishes.is_loop else 0
        tell = self._teller(Stage.MIXING, CHECKED, MIXED)
        mixdown = mix.mix(channels, self._brief.style, self._frames + beyond, self._workspace, beat, tell)
        tell = self._teller(Stage.MIXING, MIXED, ENDED)
        if wishes.is_loop:
            return ends.wrapped(mixdown, self._workspace / "loop", self._frames, tell)
        return ends.faded(mixdown, self._workspace / "faded", tell) if wishes.fades else mixdown

    def _mastered(self, mixdown: mix.Mixdown) -> master.Master:
        tell = self._teller(Stage.MASTERING, ENDED, MASTERED)
        if not self._brief.shape.is_loop:
            return master.master(mixdown, self._workspace, tell)
        rolled = ends.rolled(mixdown, self._workspace / "rolled")
        mastered = master.master(rolled, self._workspace, tell)
        rolled.paths["mix"].unlink()
        audio = ends.cut(mastered.audio, self._workspace / "cut.f32", self._frames)
        meter = Meter()
        for block in audio.blocks(ends.BLOCK):
            meter.feed(block.T)
        return replace(mastered, audio=audio, loudness_lufs=round(integrated(meter.grains), 2))

    def _written(self) -> Score:
        milliseconds = round(self._frames * 1000 / SAMPLE_RATE)
        return score.write(self._score.piece, self._score.parts, self._played, self._clock, self._title, milliseconds)

    def _report(self, mastered: master.Master) -> Report:
        nearly = intent.approximated(self._intent, self._score.piece)
        seconds, asked = self._request.duration_seconds, self._intent
        return report.write(
            asked.asked, seconds, self._score.piece, mastered.audio, mastered.loudness_lufs, nearly, asked.notes
        )

    def _facts(self, mastered: master.Master, told: Report) -> Facts:
        piece = self._score.piece
        return Facts(
            tempo_bpm=round(piece.tempo, 2),
            key=piece.key.name,
            metre=piece.metre,
            loudness_lufs=mastered.loudness_lufs,
            true_peak_dbtp=mastered.true_peak_dbtp,
            style=self._brief.style.name,
            words_used=told.words_used,
            words_ignored=told.words_ignored,
            words_approximated=told.words_approximated,
        )
