package dev.flywheel.generate;

import java.time.ZoneOffset;

/**
 * A made-up person with habits.
 *
 * @param tenant customer the person belongs to; null for lines that name none
 * @param edits how likely the person edits an answer they like
 * @param copies how likely the person copies an answer they like
 * @param rates how likely the person rates an answer
 */
record User(
    long key,
    String id,
    String type,
    String tenant,
    String language,
    ZoneOffset offset,
    double edits,
    double copies,
    double rates) {

  private static final String[] TYPES = {"free", "pro", "enterprise"};
  private static final String[] TENANTS = {"acme", "globex", "initech"};
  private static final String[] LANGUAGES = {"en", "de", "es", "fr"};
  private static final int[] OFFSET_MINUTES = {0, 60, 120, -300, -480, 330, 540};

  /** The same person for the same key. */
  static User of(long seed, int part, int number) {
    long key = Dice.mix(seed, 0x75736572, part, number);
    Dice dice = Dice.of(key);
    int type = dice.weighted(0.55, 0.30, 0.15);
    return new User(
        key,
        "u-" + Long.toHexString(key >>> 16),
        TYPES[type],
        type == 2 ? TENANTS[dice.below(TENANTS.length)] : null,
        LANGUAGES[dice.weighted(0.72, 0.16, 0.07, 0.05)],
        dice.chance(0.5)
            ? ZoneOffset.UTC
            : ZoneOffset.ofTotalSeconds(60 * OFFSET_MINUTES[dice.below(OFFSET_MINUTES.length)]),
        dice.uniform(0.1, 0.85),
        dice.uniform(0.35, 0.85),
        dice.chance(0.08) ? dice.uniform(0.2, 0.5) : 0.008);
  }
}
