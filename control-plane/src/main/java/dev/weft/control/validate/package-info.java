/**
 * Whether an edit of the configuration may be made, before it is. Open {@link
 * dev.weft.control.validate.EditReview} first.
 */
package dev.weft.control.validate;
