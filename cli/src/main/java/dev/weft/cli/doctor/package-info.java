/** {@code weft doctor}. Open {@link dev.weft.cli.doctor.Examination} first. */
package dev.weft.cli.doctor;
