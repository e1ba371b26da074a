//! Ed448 signature checks (RFC 8032 section 5.2), for the one algorithm of Level 3 that the signature library does not have.
//!
//! Verification only: every value here is public, so nothing needs to run in constant time, and plain arithmetic that can be compared
//! with the RFC line by line is worth more than speed. Nobody is offered this algorithm unless the relying party asks for it.

/// The length of a public key, in bytes.
pub(crate) const PUBLIC_KEY: usize = 57;
const SIGNATURE: usize = 114;

/// True if `key` encodes a point of the curve that is not one of its four points of small order.
pub(crate) fn is_public_key(key: &[u8]) -> bool {
    let Some(point) = <&[u8; PUBLIC_KEY]>::try_from(key)
        .ok()
        .and_then(Point::decode)
    else {
        return false;
    };
    !point.times_four().is_identity()
}

/// Checks `signature` over `message`: `[4][S]B = [4]R + [4][k]A`.
pub(crate) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    check(key, message, signature) == Some(true)
}

fn check(key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    if signature.len() != SIGNATURE {
        return None;
    }
    let (r, s) = signature.split_first_chunk::<PUBLIC_KEY>()?;
    let a = Point::decode(key.try_into().ok()?)?;
    let r_point = Point::decode(r)?;
    let s = scalar(s)?;
    let k = reduce(&shake256(&[b"SigEd448\0\0", r, key, message]));
    let left = BASE.times(&s);
    let right = r_point.add(&a.times(&k));
    Some(left.times_four().equals(&right.times_four()))
}

/// A number of 448 bits, in 32-bit limbs, least first.
type Limbs = [u32; 14];

/// The group order, `2^446 - 13818066809895115352007386748515426880336692474882178609894547503885`.
const ORDER: Limbs = [
    0xab58_44f3,
    0x2378_c292,
    0x8dc5_8f55,
    0x216c_c272,
    0xaed6_3690,
    0xc44e_db49,
    0x7cca_23e9,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0x3fff_ffff,
];

/// The field prime, `2^448 - 2^224 - 1`.
const PRIME: Limbs = [
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_fffe,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
    0xffff_ffff,
];

/// The base point (RFC 8032 section 5.2).
const BASE: Point = Point {
    x: Element([
        0xc70c_c05e,
        0x2626_a82b,
        0x8b00_938e,
        0x433b_80e1,
        0x2ab6_6511,
        0x12ae_1af7,
        0xa3d3_a464,
        0xea6d_e324,
        0x470f_1767,
        0x9e14_6570,
        0x22bf_36da,
        0x221d_15a6,
        0x6bed_0ded,
        0x4f19_70c6,
    ]),
    y: Element([
        0xf230_fa14,
        0x9808_795b,
        0x4ed7_c8ad,
        0xfdbd_132c,
        0xe67c_39c4,
        0x3ad3_ff1c,
        0x05a0_c2d7,
        0x8778_9c1e,
        0x6ca3_9840,
        0x4bea_7373,
        0x56c9_c762,
        0x8876_2037,
        0x6eb6_bc24,
        0x693f_4671,
    ]),
    z: Element::ONE,
};

/// A scalar below the group order, from its 57 bytes.
fn scalar(bytes: &[u8]) -> Option<Limbs> {
    let (low, high) = bytes.split_first_chunk::<56>()?;
    let limbs = from_bytes(low);
    (high == [0] && less(&limbs, &ORDER)).then_some(limbs)
}

/// A little-endian number of 114 bytes modulo the group order, bit by bit from the top.
fn reduce(bytes: &[u8; 114]) -> Limbs {
    let mut rest = [0u32; 14];
    for byte in bytes.iter().rev() {
        for bit in (0..8).rev() {
            let mut carry = u32::from((byte >> bit) & 1);
            for limb in &mut rest {
                (*limb, carry) = ((*limb << 1) | carry, *limb >> 31);
            }
            // The order has 446 bits, so doubling a number below it stays within 447 bits and one subtraction is enough.
            if !less(&rest, &ORDER) {
                rest = subtract(&rest, &ORDER);
            }
        }
    }
    rest
}

fn from_bytes(bytes: &[u8; 56]) -> Limbs {
    let mut limbs = [0u32; 14];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(4)) {
        *limb = chunk
            .iter()
            .rev()
            .fold(0, |limb, byte| (limb << 8) | u32::from(*byte));
    }
    limbs
}

fn less(a: &Limbs, b: &Limbs) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

fn subtract(a: &Limbs, b: &Limbs) -> Limbs {
    let mut out = [0u32; 14];
    let mut borrow = false;
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        let (difference, first) = a.overflowing_sub(*b);
        let (difference, second) = difference.overflowing_sub(u32::from(borrow));
        (*out, borrow) = (difference, first || second);
    }
    out
}

/// The bits of a number, highest first.
fn bits(limbs: &Limbs) -> impl Iterator<Item = bool> + '_ {
    limbs
        .iter()
        .rev()
        .flat_map(|limb| (0..32).rev().map(move |bit| (limb >> bit) & 1 == 1))
}

/// An element of the field, always below the prime.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Element(Limbs);

impl Element {
    const ZERO: Self = Self([0; 14]);
    const ONE: Self = Self([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    /// `-d = 39081` of the curve `x² + y² = 1 + d x² y²`.
    const MINUS_D: Self = Self([39081, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    /// Brings columns of any size below the prime, folding what is above 448 bits: `2^448 = 2^224 + 1`.
    fn carry(mut columns: [u128; 14]) -> Self {
        loop {
            let mut carry = 0u128;
            for column in &mut columns {
                let sum = *column + carry;
                (*column, carry) = (sum & 0xffff_ffff, sum >> 32);
            }
            if carry == 0 {
                break;
            }
            let [low, _, _, _, _, _, _, middle, ..] = &mut columns;
            *low += carry;
            *middle += carry;
        }
        let mut limbs = [0u32; 14];
        for (limb, column) in limbs.iter_mut().zip(columns) {
            *limb = u32::try_from(column).unwrap_or(u32::MAX);
        }
        Self(if less(&limbs, &PRIME) {
            limbs
        } else {
            subtract(&limbs, &PRIME)
        })
    }

    fn add(&self, other: &Self) -> Self {
        let mut columns = [0u128; 14];
        for ((column, a), b) in columns.iter_mut().zip(self.0).zip(other.0) {
            *column = u128::from(a) + u128::from(b);
        }
        Self::carry(columns)
    }

    fn negate(&self) -> Self {
        Self::carry(subtract(&PRIME, &self.0).map(u128::from))
    }

    fn sub(&self, other: &Self) -> Self {
        self.add(&other.negate())
    }

    /// Column `i + j` of the product gets `a[i] * b[j]`; columns from 14 on are folded: column `14 + i` is worth `i` and `i + 7`, and
    /// where that is again above, once more.
    fn mul(&self, other: &Self) -> Self {
        let mut columns = [0u128; 14];
        for (i, a) in self.0.iter().enumerate() {
            for (j, b) in other.0.iter().enumerate() {
                let product = u128::from(*a) * u128::from(*b);
                match i + j {
                    at @ 0..14 => add_at(&mut columns, at, product),
                    at @ 14..21 => {
                        add_at(&mut columns, at - 14, product);
                        add_at(&mut columns, at - 7, product);
                    }
                    at => {
                        add_at(&mut columns, at - 21, product);
                        add_at(&mut columns, at - 14, 2 * product);
                    }
                }
            }
        }
        Self::carry(columns)
    }

    fn square(&self) -> Self {
        self.mul(self)
    }

    /// `self^((p - 3) / 4)`. The exponent is `2^446 - 2^222 - 1`: 446 ones, but for bit 222.
    fn power_for_root(&self) -> Self {
        (0..446).rev().fold(Self::ONE, |power, bit| {
            let power = power.square();
            if bit == 222 { power } else { power.mul(self) }
        })
    }

    fn is_odd(&self) -> bool {
        self.0.first().is_some_and(|limb| limb & 1 == 1)
    }
}

fn add_at(columns: &mut [u128; 14], at: usize, value: u128) {
    if let Some(column) = columns.get_mut(at) {
        *column += value;
    }
}

/// A point in projective coordinates.
#[derive(Clone, Copy)]
struct Point {
    x: Element,
    y: Element,
    z: Element,
}

impl Point {
    const IDENTITY: Self = Self {
        x: Element::ZERO,
        y: Element::ONE,
        z: Element::ONE,
    };

    /// RFC 8032 section 5.2.3: y and the lowest bit of x; x from the equation of the curve.
    fn decode(bytes: &[u8; PUBLIC_KEY]) -> Option<Self> {
        let (low, high) = bytes.split_first_chunk::<56>()?;
        let limbs = from_bytes(low);
        let [sign @ (0 | 0x80)] = high else {
            return None;
        };
        if !less(&limbs, &PRIME) {
            return None;
        }
        let y = Element(limbs);
        let x = recover_x(&y, *sign == 0x80)?;
        Some(Self {
            x,
            y,
            z: Element::ONE,
        })
    }

    /// RFC 8032 section 5.2.4; complete, so it also doubles.
    fn add(&self, other: &Self) -> Self {
        let a = self.z.mul(&other.z);
        let b = a.square();
        let c = self.x.mul(&other.x);
        let d = self.y.mul(&other.y);
        let minus_e = Element::MINUS_D.mul(&c).mul(&d);
        let f = b.add(&minus_e);
        let g = b.sub(&minus_e);
        let h = self.x.add(&self.y).mul(&other.x.add(&other.y));
        Self {
            x: a.mul(&f).mul(&h.sub(&c).sub(&d)),
            y: a.mul(&g).mul(&d.sub(&c)),
            z: f.mul(&g),
        }
    }

    fn times(&self, scalar: &Limbs) -> Self {
        bits(scalar).fold(Self::IDENTITY, |sum, bit| {
            let sum = sum.add(&sum);
            if bit { sum.add(self) } else { sum }
        })
    }

    fn times_four(&self) -> Self {
        let twice = self.add(self);
        twice.add(&twice)
    }

    fn equals(&self, other: &Self) -> bool {
        self.x.mul(&other.z) == other.x.mul(&self.z) && self.y.mul(&other.z) == other.y.mul(&self.z)
    }

    fn is_identity(&self) -> bool {
        self.equals(&Self::IDENTITY)
    }
}

/// `x² = (y² - 1) / (d y² - 1) = u / v`; the root is `u³ v (u⁵ v³)^((p - 3) / 4)` if there is one.
fn recover_x(y: &Element, odd: bool) -> Option<Element> {
    let y2 = y.square();
    let u = y2.sub(&Element::ONE);
    let v = Element::MINUS_D.mul(&y2).negate().sub(&Element::ONE);
    let u3v = u.square().mul(&u).mul(&v);
    let u5v3 = u3v.mul(&u.square()).mul(&v.square());
    let x = u3v.mul(&u5v3.power_for_root());
    if v.mul(&x.square()) != u || (odd && x == Element::ZERO) {
        return None;
    }
    Some(if x.is_odd() == odd { x } else { x.negate() })
}

/// SHAKE256 of the concatenated parts, 114 bytes (FIPS 202). One block of 136 bytes holds the whole output.
fn shake256(parts: &[&[u8]]) -> [u8; 114] {
    const RATE: usize = 136;
    let mut padded = parts.concat();
    padded.push(0x1f);
    padded.resize(padded.len().next_multiple_of(RATE), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0u64; 25];
    for block in padded.chunks_exact(RATE) {
        for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
            *lane ^= bytes
                .iter()
                .rev()
                .fold(0, |lane, byte| (lane << 8) | u64::from(*byte));
        }
        keccak(&mut state);
    }
    let mut out = [0u8; 114];
    for (out, byte) in out
        .iter_mut()
        .zip(state.iter().flat_map(|lane| lane.to_le_bytes()))
    {
        *out = byte;
    }
    out
}

/// Keccak-f[1600] (FIPS 202 section 3). Lane `x + 5 y`.
fn keccak(state: &mut [u64; 25]) {
    let lane = |state: &[u64; 25], x: usize, y: usize| {
        state.get(x % 5 + 5 * (y % 5)).copied().unwrap_or(0)
    };
    let mut constants = 1u8;
    for _ in 0..24 {
        let parity: [u64; 5] =
            std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ lane(state, x, y)));
        let column = |x: usize| parity.get(x % 5).copied().unwrap_or(0);
        let theta: [u64; 25] = std::array::from_fn(|at| {
            lane(state, at, at / 5) ^ column(at + 4) ^ column(at + 1).rotate_left(1)
        });
        let mut moved = theta;
        let (mut x, mut y) = (1, 0);
        for step in 0..24u32 {
            let turned = lane(&theta, x, y).rotate_left((step + 1) * (step + 2) / 2 % 64);
            (x, y) = (y, (2 * x + 3 * y) % 5);
            if let Some(target) = moved.get_mut(x + 5 * y) {
                *target = turned;
            }
        }
        *state = std::array::from_fn(|at| {
            lane(&moved, at, at / 5)
                ^ (!lane(&moved, at + 1, at / 5) & lane(&moved, at + 2, at / 5))
        });
        if let Some(first) = state.first_mut() {
            *first ^= round_constant(&mut constants);
        }
    }
}

/// Bits 0, 1, 3, 7, 15, 31, 63 of a round constant come from a linear feedback shift register (FIPS 202 algorithm 5).
fn round_constant(register: &mut u8) -> u64 {
    (0..7).fold(0, |constant, at| {
        let bit = u64::from(*register & 1);
        *register = (*register << 1) ^ if *register & 0x80 == 0 { 0 } else { 0x71 };
        constant | (bit << ((1u32 << at) - 1))
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::{Element, ORDER, PUBLIC_KEY, Point, is_public_key, shake256, verify};

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.chars().collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
            .collect()
    }

    /// RFC 8032 section 7.4, "Blank" and "1 octet", and signatures made with OpenSSL 3.
    const SIGNED: &[(&str, &str, &str)] = &[
        (
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
            "",
            "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
        ),
        (
            "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
            "03",
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
        ),
        (
            "18d0a70e42a742dfb561279893385061d7b4dad8f6feed4791eaab66b2f4a4f02fc09462a8bfb1842d0bac60e8a1b3e55ba2407f33226f3800",
            "706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579706173736b6579",
            "627899b2c8c46f259ec69b9503169d053efcddedee759865d049651111b2b82262adbaef379b55cfd77cf17415ad546ae4eb141e2c7cfc1f005b47a51aef8fc396674a712fa860619a7ba476a25c72a1f08d967ee6a2593d30c450289b1fa1541940f1c5e760705d9a3c12d91256482f0100",
        ),
    ];

    #[test]
    fn known_signatures_verify_and_changed_ones_do_not() {
        for (key, message, signature) in SIGNED {
            let (key, message, signature) = (hex(key), hex(message), hex(signature));
            assert!(is_public_key(&key));
            assert!(verify(&key, &message, &signature));
            assert!(!verify(
                &key,
                &[message.as_slice(), b"x"].concat(),
                &signature
            ));
            for at in [0, 56, 57, 100, 113] {
                let mut changed = signature.clone();
                *changed.get_mut(at).unwrap() ^= 1;
                assert!(!verify(&key, &message, &changed), "byte {at}");
            }
            assert!(!verify(&key, &message, signature.get(..113).unwrap()));
        }
    }

    #[test]
    fn a_scalar_at_or_above_the_order_is_refused() {
        let (key, message, signature) = SIGNED.first().unwrap();
        let mut signature = hex(signature);
        let mut carry = 0u64;
        for (limb, order) in signature
            .get_mut(57..113)
            .unwrap()
            .chunks_exact_mut(4)
            .zip(ORDER)
        {
            let sum =
                u64::from(u32::from_le_bytes(limb.try_into().unwrap())) + u64::from(order) + carry;
            limb.copy_from_slice(&sum.to_le_bytes()[..4]);
            carry = sum >> 32;
        }
        assert!(!verify(&hex(key), &hex(message), &signature));
    }

    #[test]
    fn points_of_small_order_and_other_bytes_are_no_keys() {
        let mut identity = [0u8; PUBLIC_KEY];
        identity[0] = 1;
        assert!(!is_public_key(&identity));
        assert!(!is_public_key(&[0; PUBLIC_KEY]));
        assert!(!is_public_key(&[0xff; PUBLIC_KEY]));
        assert!(!is_public_key(&[1; 56]));
        identity[56] = 0x80;
        assert!(Point::decode(&identity).is_none(), "zero has no negative");
    }

    #[test]
    fn arithmetic_agrees_with_itself() {
        let seven = Element([7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let big = seven.negate().mul(&seven.negate());
        assert!(big == seven.square());
        assert!(seven.sub(&seven) == Element::ZERO);
        let base = super::BASE;
        assert!(base.times(&ORDER).is_identity());
        assert!(!base.times_four().is_identity());
    }

    #[test]
    fn shake_is_the_one_of_fips_202() {
        let empty = shake256(&[]);
        assert_eq!(
            empty.get(..16).unwrap(),
            hex("46b9dd2b0ba88d13233b3feb743eeb24")
        );
        let long = shake256(&[&[0xa3; 200]]);
        assert_eq!(
            long.get(..16).unwrap(),
            hex("cd8a920ed141aa0407a22d59288652e9")
        );
    }
}
