/** What may be done to user text before people or other tools see it. */
package dev.flywheel.text;
