/** What failed, for whom, since when and how sure we are: a table and one page per event date. */
package dev.flywheel.report;
