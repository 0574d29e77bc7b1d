package dev.weft.cli.live;

import dev.weft.cli.live.Screen.Line;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/**
 * The terminal of somebody who looks: shows in place what it is given, on a screen of its own,
 * again when its size changes, until {@code q} or Ctrl-C. However the process ends, but for
 * SIGKILL, the terminal is as it was.
 *
 * <p>One thread shows and waits. The only place that knows JLine.
 */
final class LiveTerminal implements AutoCloseable {

  private static final String BEGIN = "\u001b[?1049h\u001b[?25l"; // another screen, no cursor
  private static final String END = "\u001b[?25h\u001b[?1049l";
  private static final int CTRL_C = 3;
  private static final int CTRL_D = 4;
  private static final int WIDTH = 80; // of a terminal that does not know its size
  private static final int HEIGHT = 24;

  private final Terminal terminal;
  private final PrintWriter out;
  private final boolean colours;
  private final Attributes before;
  private final Thread restore;
  private final LinkedBlockingQueue<Boolean> resized = new LinkedBlockingQueue<>(1);
  private IntFunction<List<List<Line>>> shown = width -> List.of();

  private LiveTerminal(Terminal terminal, PrintWriter out, boolean colours) {
    this.terminal = terminal;
    this.out = out;
    this.colours = colours;
    this.before = terminal.enterRawMode();
    Attributes raw = terminal.getAttributes();
    raw.setLocalFlag(LocalFlag.ISIG, false); // Ctrl-C is a key, and nothing stops us half-way
    terminal.setAttributes(raw);
    this.restore = new Thread(this::left, "terminal");
    Runtime.getRuntime().addShutdownHook(restore);
    terminal.handle(Signal.WINCH, any -> resized.offer(true));
    say(BEGIN);
  }

  /**
   * The terminal that this process has; none where its output or its keys come from elsewhere.
   *
   * @param out of the command, which is that terminal
   */
  static Optional<LiveTerminal> of(PrintWriter out) throws IOException {
    String kind = System.getenv("TERM");
    if (System.getenv("WEFT_TERMINAL") == null || kind == null || kind.equals("dumb")) {
      return Optional.empty(); // the launcher saw whether output is one
    }
    Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
    if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
      terminal.close();
      return Optional.empty();
    }
    String none = System.getenv("NO_COLOR");
    LiveTerminal live = new LiveTerminal(terminal, out, none == null || none.isEmpty());
    live.listen(Thread.currentThread());
    return Optional.of(live);
  }

  /**
   * Shows it from now on.
   *
   * @param sections for a width in columns
   */
  void show(IntFunction<List<List<Line>>> sections) {
    shown = sections;
    paint();
  }

  /**
   * Waits.
   *
   * @throws InterruptedException when whoever looks has had enough
   */
  void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      if (resized.poll(left, TimeUnit.NANOSECONDS) != null) {
        paint();
      }
    }
  }

  private void paint() {
    Size size = terminal.getSize();
    int width = size.getColumns() > 0 ? size.getColumns() : WIDTH;
    int height = size.getRows() > 0 ? size.getRows() : HEIGHT;
    say(Screen.frame(shown.apply(width), width, height, colours));
  }

  private void listen(Thread looking) {
    Thread keys =
        new Thread(
            () -> {
              try {
                int key;
                do {
                  key = terminal.reader().read();
                } while (key >= 0 && key != 'q' && key != 'Q' && key != CTRL_C && key != CTRL_D);
              } catch (IOException e) {
                // the terminal is gone: likewise
              }
              looking.interrupt();
            },
            "keys");
    keys.setDaemon(true);
    keys.start();
  }

  private void say(String text) {
    out.print(text);
    out.flush();
  }

  private void left() {
    say(END);
    terminal.setAttributes(before);
  }

  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(restore);
    left();
    terminal.close();
  }
}
