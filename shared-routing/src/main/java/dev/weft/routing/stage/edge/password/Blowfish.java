package dev.weft.routing.stage.edge.password;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The cipher of {@link Bcrypt}, whose key schedule can be turned as often as is wanted. Its tables
 * begin as the first bits of pi behind the point, which are computed here. One thread.
 *
 * <p>Source: Schneier, "Description of a New Variable-Length Key, 64-Bit Block Cipher", 1993.
 */
final class Blowfish {

  private static final int ROUNDS = 16;
  private static final int SUBKEYS = ROUNDS + 2;
  private static final int BOX = 256;
  private static final int[] PI = pi(SUBKEYS + 4 * BOX);

  private final int[] subkeys = Arrays.copyOf(PI, SUBKEYS);
  private final int[] boxes = Arrays.copyOfRange(PI, SUBKEYS, PI.length);

  /** So many words of pi behind the point, by Machin's formula: 16 atan(1/5) - 4 atan(1/239). */
  private static int[] pi(int words) {
    int bits = words * Integer.SIZE;
    int guard = 64; // what all roundings together cannot reach
    BigInteger one = BigInteger.ONE.shiftLeft(bits + guard);
    BigInteger pi = arcCotangent(one, 5).shiftLeft(4).subtract(arcCotangent(one, 239).shiftLeft(2));
    byte[] fraction =
        pi.subtract(BigInteger.valueOf(3).multiply(one)).shiftRight(guard).toByteArray();
    ByteBuffer padded = ByteBuffer.allocate(bits / Byte.SIZE);
    padded.position(padded.capacity() - fraction.length); // it begins with zeros
    padded.put(fraction).flip();
    int[] all = new int[words];
    padded.asIntBuffer().get(all);
    return all;
  }

  private static BigInteger arcCotangent(BigInteger one, int x) {
    BigInteger square = BigInteger.valueOf((long) x * x);
    BigInteger power = one.divide(BigInteger.valueOf(x));
    BigInteger sum = power;
    for (long n = 3; power.signum() != 0; n += 2) {
      power = power.divide(square);
      BigInteger term = power.divide(BigInteger.valueOf(n));
      sum = n % 4 == 3 ? sum.subtract(term) : sum.add(term);
    }
    return sum;
  }

  /** Turns the schedule by a key, which is repeated as often as it takes. */
  void expand(byte[] key) {
    mix(key);
    fill(new int[] {0});
  }

  /**
   * Likewise, and by a salt.
   *
   * @param salt 16 bytes
   */
  void expand(byte[] key, byte[] salt) {
    mix(key);
    int[] words = new int[salt.length / Integer.BYTES];
    ByteBuffer.wrap(salt).asIntBuffer().get(words);
    fill(words);
  }

  private void mix(byte[] key) {
    int at = 0;
    for (int i = 0; i < SUBKEYS; i++) {
      int word = 0;
      for (int j = 0; j < Integer.BYTES; j++) {
        word = (word << Byte.SIZE) | (key[at] & 0xff);
        at = (at + 1) % key.length;
      }
      subkeys[i] ^= word;
    }
  }

  /**
   * Replaces all tables by what they encrypt, one after another, each mixed with the next words.
   */
  private void fill(int[] words) {
    int next = 0;
    int left = 0;
    int right = 0;
    for (int i = 0; i < SUBKEYS + boxes.length; i += 2) {
      left ^= words[next];
      next = (next + 1) % words.length;
      right ^= words[next];
      next = (next + 1) % words.length;
      long block = encrypt(left, right);
      left = (int) (block >>> Integer.SIZE);
      right = (int) block;
      int[] table = i < SUBKEYS ? subkeys : boxes;
      int at = i < SUBKEYS ? i : i - SUBKEYS;
      table[at] = left;
      table[at + 1] = right;
    }
  }

  long encrypt(long block) {
    return encrypt((int) (block >>> Integer.SIZE), (int) block);
  }

  private long encrypt(int first, int second) {
    int left = first ^ subkeys[0];
    int right = second;
    for (int i = 1; i < ROUNDS; i += 2) {
      right ^= round(left) ^ subkeys[i];
      left ^= round(right) ^ subkeys[i + 1];
    }
    right ^= subkeys[ROUNDS + 1];
    return ((long) right << Integer.SIZE) | (left & 0xffff_ffffL);
  }

  private int round(int word) {
    int sum = boxes[word >>> 24] + boxes[BOX + (word >>> 16 & 0xff)];
    return (sum ^ boxes[2 * BOX + (word >>> 8 & 0xff)]) + boxes[3 * BOX + (word & 0xff)];
  }
}
