package dev.flywheel.tables;

/**
 * How far a table looks from the event date of a row, counted in event dates of {@code events}, all
 * stages in between included.
 *
 * @param backDays a row of day d depends on events of no day before d − backDays
 * @param forwardDays a row of day d depends on events of no day after d + forwardDays
 */
public record Reach(int backDays, int forwardDays) {
  public static final Reach NONE = new Reach(0, 0);

  public Reach {
    if (backDays < 0 || forwardDays < 0) {
      throw new IllegalArgumentException("A reach is counted in whole days, 0 or more");
    }
  }

  /** The reach of a table that looks this far at a table of this reach. */
  public Reach plus(int moreBack, int moreForward) {
    return new Reach(backDays + moreBack, forwardDays + moreForward);
  }
}
