/** What a setting is: every default lives, commented, in {@code flywheel.yaml}. */
package dev.flywheel.settings;
