/** Logs that real people left, turned into native raw events. */
package dev.flywheel.realdata;
