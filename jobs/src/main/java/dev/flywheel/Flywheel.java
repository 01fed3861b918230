package dev.flywheel;

/** The command line. */
public final class Flywheel {
  private Flywheel() {}

  public static void main(String[] args) {}
}
