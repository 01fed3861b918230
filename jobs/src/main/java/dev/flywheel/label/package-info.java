/** From events to labels: what users did with each response, and how good that says it was. */
package dev.flywheel.label;
