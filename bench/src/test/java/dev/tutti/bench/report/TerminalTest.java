package dev.tutti.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.report.Terminal.ColorMode;
import org.junit.jupiter.api.Test;

final class TerminalTest {
  @Test
  void shouldColourTerminalsOnly() {
    assertThat(Terminal.palette(ColorMode.AUTO, true, null, "xterm")).isEqualTo(Palette.ANSI);
    assertThat(Terminal.palette(ColorMode.AUTO, false, null, "xterm")).isEqualTo(Palette.PLAIN);
    assertThat(Terminal.palette(ColorMode.AUTO, true, null, "dumb")).isEqualTo(Palette.PLAIN);
  }

  @Test
  void shouldHonourNoColor() {
    assertThat(Terminal.palette(ColorMode.AUTO, true, "1", "xterm")).isEqualTo(Palette.PLAIN);
    assertThat(Terminal.palette(ColorMode.AUTO, true, "", "xterm")).isEqualTo(Palette.ANSI);
    assertThat(Terminal.palette(ColorMode.ALWAYS, false, "1", "dumb")).isEqualTo(Palette.ANSI);
    assertThat(Terminal.palette(ColorMode.NEVER, true, null, "xterm")).isEqualTo(Palette.PLAIN);
  }

  @Test
  void shouldWriteFiguresWithEnoughDigits() {
    assertThat(Figures.micros(0.1834)).isEqualTo("0.183");
    assertThat(Figures.micros(54.321)).isEqualTo("54.32");
    assertThat(Figures.micros(123.45)).isEqualTo("123.5");
    assertThat(Figures.micros(42066.7)).isEqualTo("42067");
    assertThat(Figures.shortMicros(0.1834)).isEqualTo("0.18");
    assertThat(Figures.ratio(1.234)).isEqualTo("1.23x");
    assertThat(Figures.ratio(421.3)).isEqualTo("421x");
  }
}
