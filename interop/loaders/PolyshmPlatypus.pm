# polyshm through FFI::Platypus: one file; all that C declares comes from the library's own description.
#
#     use PolyshmPlatypus;
#     my $jobs = PolyshmPlatypus::List->create("jobs", ["ready", 0, undef], 40);    # the slots have 40 bytes to spare
#     $jobs->[0] = "f\x{fc}nf Auftr\x{e4}ge";
#
# A function polyshm_NOUN_VERB is the method VERB of the class NOUN. It takes what goes in, in C's order: values and
# bytes bring their length, zeros at the end may be left out. It returns what comes out, and dies of what fails: of an
# object with a code, a name and a message. Below is what Perl has in another form. A scalar is text, unless Perl has it
# as a number or boolean; typed(bytes => $scalar), or float64, says it. POLYSHM_LIBRARY names a library that is not
# installed.
package PolyshmPlatypus;
use v5.36;
no warnings "experimental::builtin";
use B ();
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(buffer_to_scalar scalar_to_pointer window);
use JSON::PP ();

my $ffi = FFI::Platypus->new(api => 2, lib => $ENV{POLYSHM_LIBRARY} // "libpolyshm.so.1");
my $description = JSON::PP->new->decode($ffi->function(polyshm_abi_description => [] => "string")->call);
my $message = $ffi->function(polyshm_error_message => [] => "string");
our %constants = map { $_->{name} => $_->{value} } $description->{constants}->@*;
my %errors = map { $_->{number} => $_->{name} } $description->{errors}->@*;
my %kinds = map { /^POLYSHM_TYPE_(.*)/ ? ($constants{$_} => lc $1) : () } keys %constants;
my ($struct) = grep { $_->{name} eq "polyshm_value" } $description->{structs}->@*;
my %types = (map({ ($_ . "_t" => s/^i/si/r) } qw(int32 uint32 int64 uint64)), double => "double", void => "void");
my %codes = (int32_t => "l", uint32_t => "L", int64_t => "q", uint64_t => "Q", double => "d");
my $packed = join " ", map { "\@$_->{offset} " . code($_, $_->{pointers}) } $struct->{fields}->@*;

sub type ($of) { $of->{type} eq "const char *" ? "string" : $of->{pointers} ? "opaque" : $types{$of->{base}} }
sub code ($described, $pointers) { $pointers ? "J" : $codes{$described->{base}} }
sub typed ($type, $scalar) { bless [$type, $scalar], "PolyshmPlatypus::Typed" }
sub type_of ($scalar) {
    return defined $scalar ? "bool" : "none" if !defined $scalar || builtin::is_bool($scalar);
    my $flags = builtin::created_as_number($scalar) ? B::svref_2object(\$scalar)->FLAGS : 0;
    return $flags & B::SVf_IOK ? "int64" : $flags & B::SVf_NOK ? "float64" : "str";
}

# The bytes of a value in C; what they point to is kept.
sub encode ($scalar, $kept) {
    my ($type, $content) = ref $scalar eq "PolyshmPlatypus::Typed" ? @$scalar : (type_of($scalar), $scalar);
    die "a list cannot hold a reference\n" if ref $content;
    die "$content does not fit 64 bits\n" if $type eq "int64" && $content > 9223372036854775807;
    $type eq "str" ? utf8::encode($content) : utf8::downgrade($content) if $type =~ /str|bytes/;
    push @$kept, \$content;
    my %fields = (type => $constants{"POLYSHM_TYPE_" . uc $type}, $type eq "bool" ? (integer => $content ? 1 : 0) : ());
    $fields{$type eq "int64" ? "integer" : "real"} = $content if $type =~ /64/;
    @fields{qw(data size)} = (scalar_to_pointer($content), length $content) if $type =~ /str|bytes/;
    return pack $packed, map { $fields{$_->{name}} // 0 } $struct->{fields}->@*;
}

sub decode ($place) {
    my %fields;
    @fields{map { $_->{name} } $struct->{fields}->@*} = unpack $packed, $place;
    my ($type, $content) = ($kinds{$fields{type}}, $fields{size} ? buffer_to_scalar($fields{data}, $fields{size}) : "");
    utf8::decode($content) if $type eq "str";
    return $type eq "none" ? undef : $type eq "float64" ? $fields{real} : $content if $type !~ /bool|int/;
    return $type eq "bool" ? !!$fields{integer} : $fields{integer};
}

sub result ($described, $place) {
    return decode($place) if $described->{type} eq "polyshm_value *";
    my $result = unpack code($described, $described->{pointers} - 1), $place;
    return $ffi->cast(opaque => "string", $result) if $described->{base} eq "char";
    my $class = "PolyshmPlatypus::" . ucfirst($described->{base} =~ s/^polyshm_//r);
    return $class->can("DESTROY") ? bless \$result, $class : $result;
}

# Memory for C: of values, of bytes, or of the scalar that a reference leads to.
sub memory ($argument, $kept) {
    my $values = ref $argument eq "ARRAY" ? join "", map { encode($_, $kept) } @$argument : undef;
    push @$kept, my $bytes = defined $values ? \$values : ref $argument ? $argument : \$argument;
    return (scalar_to_pointer($$bytes), defined $values ? scalar @$argument : length $$bytes);
}

sub function ($described) {
    my @parameters = $described->{parameters}->@*;
    my ($returns, @types) = map { type($_) } $described->{returns}, @parameters;
    my $function = $ffi->function($described->{name} => \@types => $returns);
    my ($result) = grep { $_->{direction} eq "out" && !$_->{length} && !$_->{length_function} } @parameters;
    return sub (@given) {
        my (@arguments, @kept);
        while (@arguments < @parameters - !!$result) {
            my ($argument, $parameter) = (shift @given, $parameters[@arguments]);
            my $is_memory = $parameter->{length} || $parameter->{type} eq "const polyshm_value *";
            my ($memory, $length) = defined $argument && $is_memory ? memory($argument, \@kept) : ();
            my $is_text = defined $argument && $parameter->{type} eq "const char *";
            die "$parameter->{name} has a NUL in it\n" if $is_text && $argument =~ /\0/;
            utf8::encode($argument) if $is_text;
            $argument = $$argument if builtin::blessed($argument);
            push @arguments, $memory // $argument // ($parameter->{pointers} ? undef : 0);
            push @arguments, $length // 0 if $parameter->{length};
        }
        my $place = "\0" x $struct->{size};
        my $status = $function->call(@arguments, $result ? scalar_to_pointer($place) : ());
        return $result ? result($result, $place) : $status if $described->{returns}{kind} ne "status" || $status >= 0;
        utf8::decode(my $words = $message->call);
        die bless {code => $status, name => $errors{$status}, message => $words}, "PolyshmPlatypus::Failure";
    };
}

package PolyshmPlatypus::Failure { use overload '""' => sub ($self, @) { "$self->{message}\n" }, fallback => 1 }

# Handles close with close, or at the end of the scope of the last who has them. C's functions are their methods.
for my $described ($description->{functions}->@*) {
    my ($noun, $verb) = $described->{name} =~ /^polyshm_(segment|list|manager)_(.*)/ or next;
    my $function = function($described);
    my $name = "PolyshmPlatypus::C::" . ucfirst($noun) . "::" . ($verb eq "unref" ? "DESTROY" : $verb);
    no strict "refs";
    @{"PolyshmPlatypus::" . ucfirst($noun) . "::ISA"} = "PolyshmPlatypus::C::" . ucfirst $noun;
    *$name = $verb eq "unref" ? sub ($self) { $function->($self) if ${^GLOBAL_PHASE} ne "DESTRUCT" }
        : $described->{closed} ? $function : sub ($class, @given) { $function->(@given) };
}

package PolyshmPlatypus::Segment {
    sub PolyshmPlatypus::Buffer::DESTROY ($self) { $self->{segment}->unpin }

    # {bytes} leads to the bytes, for reading; they stay mapped, also beyond close, as long as this object is there.
    sub buffer ($self) {
        $self->pin;
        PolyshmPlatypus::window(my $bytes, $self->address, $self->size);
        return bless {segment => $self, bytes => \$bytes}, "PolyshmPlatypus::Buffer";
    }
}

package PolyshmPlatypus::List {
    use overload '@{}' => sub ($self, @) { tie my (@items), $self; \@items }, bool => sub { 1 }, fallback => 1;
    sub TIEARRAY ($list) { $list }
    sub get ($self, $index) { $self->SUPER::get($index, \(my $buffer = "\0" x $self->capacity($index, 1))) }
    sub set ($self, $index, $value) { $self->SUPER::set($index, [$value]) }
    sub type ($self, $index) { $kinds{$self->SUPER::type($index)} }
    (*FETCH, *STORE, *FETCHSIZE) = (\&get, \&set, PolyshmPlatypus::List->can("length"));

    # Holds the lock while the code runs, which is told whether a holder died with it.
    sub synchronized ($self, $code, $timeout = 10) {
        my $status = $self->lock($timeout);
        my $failure = eval { $code->($status == $constants{POLYSHM_OWNER_DIED}); 1 } ? undef : $@;
        $self->unlock;
        die $failure if defined $failure;
    }
}

package PolyshmPlatypus::Manager {
    sub names ($self) {
        my $size = $self->SUPER::names(\(my $buffer = "\0" x 65_536));
        return map { utf8::decode($_); $_ } split /\0/, substr $buffer, 0, $size;
    }
}
1;
