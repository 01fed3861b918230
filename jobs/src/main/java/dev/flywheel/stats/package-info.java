/** Statistics that more than one stage needs. */
package dev.flywheel.stats;
