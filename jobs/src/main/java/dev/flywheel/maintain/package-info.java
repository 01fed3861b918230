/** Upkeep of the files below the tables; no row is changed. */
package dev.flywheel.maintain;
