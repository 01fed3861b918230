/** What a table is: one class per table owns its name, columns, comments and constraints. */
package dev.flywheel.tables;
